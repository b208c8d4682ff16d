import { describe, expect, it, test } from 'vitest';
import { failedListing, type Listing } from '../../../src/domain/model/listing.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { keyBytes, leaveOutTooLong } from '../../../src/domain/reconcile/key-length.js';

const at = (path: string) => path as ResourcePath;
const image = (path: string) => ({ path: at(path), sizeBytes: 1, etag: null, modifiedAt: null });
const child = (path: string) => ({ path: at(path), marker: null, isMount: false });

test.for<[string, number]>([
  ['', 0],
  ['a.ova', 15],
  ['folder/a.ova', 22],
  ['é', 6],
  ['e\u0301', 8], // composed in the name key: 3 + 3 + 2
  ['İ', 7], // the name key has a dot of its own: 2 + 2 + 3
])('the keys of %j take %i bytes', ([path, bytes]) => {
  expect(keyBytes(at(path))).toBe(bytes);
});

describe('a listing', () => {
  const listing: Listing = {
    ...failedListing(ROOT, 'status', '', 1),
    verdict: { complete: true },
    isSettled: true,
    images: [image('a.ova'), image('long-name.ova')],
    collections: [child('sub'), child('long-folder')],
    guarded: [{ path: at('b.ova'), status: 403 }],
    memberCount: 5,
  };

  it('is the same where everything fits', () => {
    expect(leaveOutTooLong(listing, 39)).toBe(listing);
  });

  it('has only the names of what is too long, and is not settled', () => {
    const { images, collections, guarded, isSettled, memberCount } = leaveOutTooLong(listing, 32);
    expect(images).toEqual([image('a.ova')]);
    expect(collections).toEqual([child('sub')]);
    expect(guarded.map(({ path }) => path)).toEqual(['b.ova', 'long-name.ova', 'long-folder']);
    expect(guarded.at(-1)).toEqual({
      path: 'long-folder',
      status: null,
      why: 'has a path of 11 bytes, which is too long for the database of the index; not listed',
    });
    expect({ isSettled, memberCount }).toEqual({ isSettled: false, memberCount: 5 });
  });
});
