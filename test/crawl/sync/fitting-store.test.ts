import { expect, it } from 'vitest';
import { createSyncScene } from '../../support/sync-scene.js';

const FITS = 40;
const LONG = `${'x'.repeat(FITS)}.ova`;
const inFolder = `${'y'.repeat(FITS)}/z.ova`;

it('leaves out and tells what the index has no room for, and lists all the rest', async () => {
  const scene = await createSyncScene('a.ova', 'b/c.ova', `b/${LONG}`, inFolder);
  const outcome = await scene.sync({ mostKeyBytes: FITS });
  expect(await scene.shown()).toEqual(['a.ova', 'b/c.ova']);
  expect(outcome?.counts.failures).toBe(2);
  expect(outcome?.warnings.toSorted()).toEqual([
    `/b/${LONG}: has a path of ${FITS + 6} bytes, which is too long for the database of the index; not listed`,
    `/${'y'.repeat(FITS)}: has a path of ${FITS} bytes, which is too long for the database of the index; not listed`,
  ]);
});

it('lists nothing there for a hint, either', async () => {
  const scene = await createSyncScene('a.ova', inFolder);
  await scene.sync({ mostKeyBytes: FITS });
  const outcome = await scene.sync({ mostKeyBytes: FITS, targets: ['y'.repeat(FITS)] });
  expect(outcome?.counts).toMatchObject({ added: 0, failures: 1, requests: 0 });
  expect(await scene.shown()).toEqual(['a.ova']);
});

it('is for no index that has room for everything', async () => {
  const scene = await createSyncScene(LONG, inFolder);
  expect(await scene.sync()).toMatchObject({ warnings: [], counts: { added: 2 } });
});
