import { describe, expect, it } from 'vitest';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';
import { described, file } from '../../support/readings.js';
import { sizeOf, someOf } from '../../support/thorough.js';

const SLOW = { timeout: 120_000 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const READING = described({ files: [file('disk1.vmdk', 1_000)] });
/** Of changes elsewhere. */
const ROUNDS = sizeOf(48, 12);
/** The root asked, and no more. */
const QUIET = { PROPFIND: 1 };

/** A user whose space is crawled, searched and learned, with an `.ovf` that was uploaded without its disk. */
async function createHome({ isLearned = true } = {}) {
  const scene = await startCrawledCloud();
  const { jm, read, askedAfter } = scene;
  const asked = async (...args: Parameters<typeof askedAfter>) => {
    const { cpuMs: _, ...byMethod } = await askedAfter(...args);
    return byMethod;
  };
  const nothing = () => undefined;
  await asked(nothing);
  await scene.describe(described());
  if (isLearned) await asked(() => jm.put('d3/leaf3/lesson.ova'));
  await asked(() => jm.put('vm/x.ovf', { sizeBytes: 100 }));
  await asked(nothing);
  if (isLearned) expect(await asked(nothing)).toEqual(QUIET);
  const state = async () => (await read()).stateOf('vm/x.ovf');
  return { ...scene, asked, nothing, state, putDisk: () => jm.put('vm/disk1.vmdk', { sizeBytes: 1_000 }) };
}

describe('a disk that arrives after its descriptor', () => {
  it('is found by the next look, for one more request', SLOW, async () => {
    const { jm, asked, nothing, state, putDisk, describe: store, isTrue } = await createHome();
    await store(READING);
    expect(await state()).toBe('incomplete');
    // It may have come while the descriptor was read: the root is asked and listed, then the folder.
    expect(await asked(nothing)).toEqual({ PROPFIND: 3, SEARCH: 1 });
    expect(await asked(nothing)).toEqual(QUIET);
    expect(await asked(putDisk)).toEqual({ PROPFIND: 3, SEARCH: 1 });
    expect(await state()).toBe('ok');
    await asked(nothing);
    expect(await asked(nothing)).toEqual(QUIET);
    await asked(() => jm.put('d1/leaf1/other.ova'));
    await isTrue();
  });

  it('is found if it has come between the last look and the reading', SLOW, async () => {
    const { asked, nothing, state, putDisk, describe: store } = await createHome();
    await asked(putDisk);
    await store(READING);
    expect(await state()).toBe('incomplete');
    await asked(nothing);
    expect(await state()).toBe('ok');
  });

  it('is found where no marker has shown anything yet', SLOW, async () => {
    const { asked, nothing, state, putDisk, describe: store } = await createHome({ isLearned: false });
    await store(READING);
    await asked(nothing);
    await asked(putDisk);
    await asked(nothing);
    expect(await state()).toBe('ok');
  });

  it('is looked for less and less often, and found all the same when it comes after a week', SLOW, async () => {
    const { jm, asked, nothing, state, putDisk, requests, describe: store } = await createHome();
    await store(READING);
    await asked(nothing, 'incremental', 7 * 24 * HOUR);
    expect(await asked(nothing)).toEqual(QUIET);
    let folders = 0;
    // Other changes, a round after the other.
    for (let round = 0; round < ROUNDS; round++) {
      await asked(() => jm.put(`d1/leaf1/x${round}.txt`));
      if (requests().some((line) => line.includes('/vm/'))) folders++;
    }
    expect(folders).toBeLessThanOrEqual(3);
    await asked(putDisk);
    for (let round = 0; round < 25 && (await state()) !== 'ok'; round++) await asked(nothing);
    expect(await state()).toBe('ok');
    await asked(nothing);
    expect(await asked(nothing)).toEqual(QUIET);
  });

  it.each(
    someOf<[string, object]>(
      [
        ['is excluded', { exclude: ['vm'] }],
        ['lies too deep', { maxDepth: 1 }],
      ],
      1,
    ),
  )('is not looked for where its folder %s by now', SLOW, async (_why, settings) => {
    const { jm, asked, requests, describe: store, syncAfter, restart } = await createHome();
    const folder = 'd1/vm';
    await asked(() => jm.put(`${folder}/y.ovf`, { sizeBytes: 100 }));
    await store(READING);
    await asked(() => undefined, 'incremental', HOUR);
    await restart(settings);
    for (let round = 0; round < 3; round++) {
      await syncAfter(() => jm.put(`d1/x${round}.txt`), 'incremental', HOUR);
      expect(requests().filter((line) => line.includes(`${folder}/`))).toEqual([]);
    }
  });

  it('costs nothing where nothing lacks', SLOW, async () => {
    const { asked, putDisk, describe: store } = await createHome();
    await store(described());
    expect(await asked(putDisk)).toEqual({ PROPFIND: 2, SEARCH: 1 });
  });
});
