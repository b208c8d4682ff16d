import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, begin, commit, configure, image, listing, shown, spaceOf } from '../../contract/index-under-test.js';
import { described } from '../../support/readings.js';
import { makePgliteIndex } from '../pglite-index.js';

/** What storages and images may say, and callers may ask, though no text of the database can have it. */
describe.each([
  ['a NUL', 'a\0b'],
  ['half a character', 'a\ud800b'],
])('%s', (_case, text) => {
  let index: Awaited<ReturnType<typeof makePgliteIndex>>;
  beforeEach(async () => {
    index = await makePgliteIndex();
    await configure(index, 'jm');
  });
  afterEach(() => index.close());

  it('is in a marker, in an ETag and among the files beside an image', async () => {
    const { lease } = await begin(index, 'jm');
    const seen = listing('', [image('x.ovf', { etag: text, modifiedAt: null })], [], text);
    await commit(index, lease, { ...seen, siblings: [{ name: text, sizeBytes: 1 }] });
    expect(await shown(index, 'jm')).toEqual(['x.ovf']);
  });

  it('is in what was read of an image', async () => {
    const { lease } = await begin(index, 'jm');
    await commit(index, lease, listing('', ['x.ova']));
    const [waiting] = await index.descriptions.toRead(lease.spaceId, 1);
    if (waiting === undefined) throw new Error('no image waits');
    const reading = described({ product: text, version: text });
    expect(await index.descriptions.store(lease.spaceId, waiting, reading, { requests: 1, bytes: 1 })).toBe(true);
    expect(await index.descriptions.toRead(lease.spaceId, 1)).toEqual([]);
  });

  it('is in a place that is asked for, where nothing is', async () => {
    const { id } = await spaceOf(index, 'jm');
    expect(await index.traces.placesOf(id, text)).toEqual([]);
    expect(await index.traces.trace(id, at(`${text}/x.ova`))).toMatchObject({ image: null, folder: null });
  });
});
