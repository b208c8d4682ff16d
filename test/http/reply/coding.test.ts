import { createHook } from 'node:async_hooks';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseCoding, encodeStart } from '../../../src/http/reply/coding.js';
import { runsOf } from '../../support/thorough.js';

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['br;q=0.5, gzip', 'gzip'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['*', 'br'],
  ['br;q=0, *;q=0.1', 'gzip'],
  ['identity', 'identity'],
  ['identity;q=1, gzip;q=0.5', 'identity'],
  ['GZIP;Q=0.3', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate, zstd', 'identity'],
  [';;,=,q', 'identity'],
] as const)('of %j chooses %s', (header, coding) => {
  expect(chooseCoding(header)).toBe(coding);
});

it.each(['gzip', 'br', 'identity'] as const)('completes what is encoded as %s with any end', async (coding) => {
  const decode = { gzip: gunzipSync, br: brotliDecompressSync, identity: (bytes: Buffer) => bytes };
  const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3_000 });
  const asciiText = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 3_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(20_000),
      anyText,
      fc.array(asciiText, { minLength: 2, maxLength: 4 }),
      async (more, start, ends) => {
        const text = start + '{"name":"x.ova"},'.repeat(more);
        const encoded = await encodeStart(coding, text);
        for (const end of ends) {
          const parts = [encoded.content, encoded.complete?.(end) ?? end];
          const whole = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
          expect(decode[encoded.coding](whole).toString()).toBe(text + end);
        }
      },
    ),
    { numRuns: runsOf(60) },
  );
});

it('leaves a short answer as it is', async () => {
  expect(await encodeStart('br', 'short')).toMatchObject({ coding: 'identity' });
});

it.each([
  ['gzip', 1_000, true],
  ['gzip', 1_100, false],
  ['br', 1_000, true],
  ['br', 1_100, false],
] as const)(
  'by %s encodes up to 16 KiB at once (%i times 16 bytes: %s), more in another thread',
  async (coding, times, isAtOnce) => {
    let isEncoded = false;
    const encoding = encodeStart(coding, '{"name":"x.ova"},'.slice(1).repeat(times)).then((encoded) => {
      isEncoded = true;
      return encoded;
    });
    // No other thread is heard before the event loop turns.
    for (let n = 0; n < 10; n++) await Promise.resolve();
    expect(isEncoded).toBe(isAtOnce);
    expect((await encoding).coding).toBe(coding);
  },
);

it('encodes few longer ones together, and each in the end: an encoder holds its memory from its creation', async () => {
  let encoders = 0;
  const hook = createHook({
    init(_, type) {
      if (type === 'ZLIB') encoders++;
    },
  }).enable();
  const start = '{"name":"x.ova"},'.repeat(3_000);
  const encodings = Array.from({ length: 40 }, () => encodeStart('gzip', start));
  for (let n = 0; n < 100; n++) await Promise.resolve();
  expect(encoders).toBe(8);
  const encoded = await Promise.all(encodings);
  hook.disable();
  expect(encoders).toBe(40);
  for (const { content, complete } of encoded) {
    const whole = Buffer.concat([Buffer.from(content), complete?.('the end') ?? Buffer.alloc(0)]);
    expect(gunzipSync(whole).toString()).toBe(`${start}the end`);
  }
});
