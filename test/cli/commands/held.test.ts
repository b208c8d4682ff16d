import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { held } from '../../../src/cli/commands/held.js';
import type { SyncOutcome } from '../../../src/domain/model/sync.js';
import { configFolder } from '../../config/config-folder.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { captureIo } from '../captured-io.js';

const NOW = 1_700_000_000_000;

/** A space of which so many images are missed, and one is there. */
async function emptied(count: number, outcome: Partial<SyncOutcome> = {}) {
  const clock = { now: NOW };
  const ports = createMemoryIndex(() => clock.now);
  const index = { ...ports, clock, close: async () => undefined };
  await ports.spaces.configure([{ user: 'jm', url: 'http://127.0.0.1/jm/' }], 'rules', NOW);
  const names = Array.from({ length: count }, (_, n) => `${String(n).padStart(4, '0')}\u0007.ova`);
  const first = await begin(index, 'jm');
  await commit(index, first.lease, listing('', [...names, 'kept.ova']));
  await end(index, first.lease);
  const second = await begin(index, 'jm');
  await commit(index, second.lease, listing('', ['kept.ova']), { removals: 'hold' });
  const told = {
    heldReasons: ['they are all gone'],
    warnings: ['held: they are all gone'],
    ...(count > 0 ? { heldRemovals: count } : {}),
  };
  await end(index, second.lease, { ...told, ...outcome });
  const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }' });
  const io = captureIo();
  const ask = (json: boolean, user = 'jm') =>
    held({ config: join(folder, 'ovadex.yaml'), user, json }, io, async () => ({
      catalogue: ports.catalogue,
      close: async () => undefined,
    }));
  return { ports, io, ask, spaceId: first.lease.spaceId };
}

describe('ovadex held', () => {
  test('lists each image, and beside it how many, why and what to do', async () => {
    const { io, ask } = await emptied(2);
    expect(await ask(false)).toBe(75);
    const lines = io
      .out()
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/));
    expect(lines).toEqual([
      ['SIZE', 'MISSED SINCE', 'PATH'],
      ['100 B', '2023-11-14T22:13:20Z', '0000\\u{7}.ova'],
      ['100 B', '2023-11-14T22:13:20Z', '0001\\u{7}.ova'],
    ]);
    expect(io.err()).toBe(
      [
        '2 of 3 images of "jm" are missing from the storage and still listed, 200 B in all',
        'why: they are all gone',
        'what to do: check that they are really gone; if so: ovadex accept --user jm; to keep them whatever later syncs find: ovadex keep --user jm',
        '',
      ].join('\n'),
    );
  });

  test('says what was refused', async () => {
    const { ports, io, ask, spaceId } = await emptied(1);
    await ports.spaces.refuseRemovals(spaceId);
    expect(await ask(true)).toBe(75);
    expect(JSON.parse(io.out())).toEqual({
      user: 'jm',
      held_removals: 1,
      removals_refused: true,
      reasons: ['they are all gone'],
      action: expect.stringMatching(/^they stay until .* ovadex accept --user jm$/),
      count: 1,
      images: [
        { path: '0000\u0007.ova', name: '0000\u0007.ova', id: 1, size: 100, missed_since: '2023-11-14T22:13:20Z' },
      ],
    });
  });

  test('lists more than a page holds', async () => {
    const { io, ask } = await emptied(1_203);
    await ask(true);
    const { images, count } = JSON.parse(io.out()) as { images: { path: string }[]; count: number };
    expect(count).toBe(1_203);
    expect(new Set(images.map(({ path }) => path)).size).toBe(1_203);
  });

  test('tells a space where nothing is held from one that is not there', async () => {
    const { io, ask } = await emptied(0, { warnings: [] });
    expect(await ask(false)).toBe(0);
    expect(io.out()).toBe('');
    expect(io.err()).toBe('no removal is held in the space of "jm"\n');
    await expect(ask(false, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
  });
});
