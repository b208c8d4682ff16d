import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IMAGE_STATES, judgeState } from '../../src/domain/description/image-state.js';
import { readImage } from '../../src/ovf/read-image.js';
import { memorySource } from '../support/ovf/memory-source.js';
import { item, sampleOvf } from '../support/ovf/sample.js';
import { tarBytes } from '../support/ovf/tar.js';
import { fewRunsOf, isThorough } from '../support/thorough.js';

const descriptor = sampleOvf({
  files: [{ href: 'disk.vmdk', size: 3000 }],
  inSystem: '<ProductSection ovf:class="a"><Product>P</Product><Property ovf:key="k" ovf:value="1"/></ProductSection>',
  items: item({ InstanceID: 1, ResourceType: 4, VirtualQuantity: 512 }),
});
const archive = tarBytes([
  { name: 'web.ovf', data: descriptor },
  { name: 'disk.vmdk', size: 3000 },
]);

/** Reads whatever it is, within the bounds that hold for every image, and judges it. */
async function judge(name: string, bytes: Uint8Array, isStream = false) {
  const source = memorySource(bytes, { isStream });
  const attempt = await readImage(name, bytes.length, source);
  expect(source.asked.length).toBeLessThanOrEqual(10);
  expect(source.cost().bytes).toBeLessThanOrEqual(6_000_000);
  if (attempt.kind !== 'read') throw new Error(attempt.kind);
  const judged = judgeState({ name, isSettled: true }, attempt.reading, []);
  expect(IMAGE_STATES).toContain(judged.state);
  expect(['uploading', 'unknown']).not.toContain(judged.state);
  return judged;
}

const names = fc.constantFrom('a.ova', 'a.ovf', 'a.bin');

describe('whatever the bytes are, an image has a state', () => {
  test('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (name, bytes, isStream) => {
        await judge(name, bytes, isStream);
      }),
      { numRuns: fewRunsOf(1200) },
    );
  });

  test('an archive with some of its bytes changed', async () => {
    const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), fc.boolean(), async (changes, isStream) => {
        const bytes = archive.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        await judge('a.ova', bytes, isStream);
      }),
      { numRuns: fewRunsOf(1200) },
    );
  });

  test('a header with any sizes and types, its checksum right', async () => {
    const size = fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 8 ** 11 - 1 }));
    const type = fc.constantFrom('0', '1', '2', '5', '7', 'x', 'g', 'L', 'K', 'S', 'D', 'V', 'Z', '\0');
    const entry = fc.record({
      name: fc.constantFrom('a.ovf', 'b', 'c/'),
      type,
      size,
      data: fc.string({ maxLength: 900 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
        const parts = entries.map(({ size: claimed, data, ...rest }) => {
          const complete = (header: Uint8Array) =>
            header.set(Buffer.from(`${claimed.toString(8).padStart(11, '0')}\0`), 124);
          return tarBytes([{ ...rest, data, complete }], { end: 0 });
        });
        await judge('a.ova', Buffer.concat(parts));
      }),
      { numRuns: fewRunsOf(1200) },
    );
  });

  test('a descriptor with some of it changed', async () => {
    const change = fc.tuple(
      fc.nat(descriptor.length - 1),
      fc.constantFrom('<', '>', '&', '"', '/', ' ', '\0', 'x', 'é', '='),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        let text = descriptor;
        for (const [at, character] of changes) text = text.slice(0, at) + character + text.slice(at + 1);
        await judge('a.ovf', Buffer.from(text));
      }),
      { numRuns: fewRunsOf(1200) },
    );
  });

  test('a descriptor that ends anywhere', async () => {
    const bytes = Buffer.from(descriptor);
    const end = bytes.length - 1; // a line end after the last tag
    for (let length = 1; length < end; length += isThorough ? 1 : 5) {
      expect((await judge('a.ovf', bytes.subarray(0, length))).state, `${length} bytes`).toBe('broken');
    }
    expect((await judge('a.ovf', bytes)).state).toBe('incomplete');
  });
});
