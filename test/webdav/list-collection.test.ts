import { describe, expect, test } from 'vitest';
import type { ResourcePath } from '../../src/domain/model/path.js';
import { createListingBuilder } from '../../src/webdav/list-collection.js';
import type { MultistatusResponse } from '../../src/webdav/multistatus/response.js';

const entry = (href: string, properties: Partial<MultistatusResponse> = {}): MultistatusResponse => ({
  href,
  status: null,
  failedStatus: null,
  propertyCount: 1,
  resourceType: href.endsWith('/') ? 'collection' : 'other',
  isCollection: null,
  contentType: null,
  contentLength: null,
  lastModified: null,
  etag: null,
  permissions: null,
  fileId: null,
  fingerprint: null,
  mountType: null,
  ...properties,
});
const failed = { resourceType: null, propertyCount: 0 } as const;
const self = entry('/dav/images/', { etag: '"1"' });

function list(
  entries: readonly MultistatusResponse[],
  exclude: (path: ResourcePath) => boolean = () => false,
  askedAt: number | null = null,
) {
  const builder = createListingBuilder({ collection: 'images' as ResourcePath, basePath: '/dav/', exclude });
  for (const each of entries) builder.add(each);
  return builder.finish(2, askedAt);
}

describe('a complete listing', () => {
  test('tells which collections a share or a team folder joins to it, but not inside of those', () => {
    const entries = [
      entry('/dav/images/own/', { permissions: 'RGDNVCK', mountType: '' }),
      entry('/dav/images/share/', { permissions: 'SRGDNVCK', mountType: 'shared' }),
      entry('/dav/images/older/', { permissions: 'SRGDNVCK' }),
      entry('/dav/images/shared-ext/', { permissions: 'SRMGDNVCK' }),
      entry('/dav/images/team/', { permissions: 'RMGCK', mountType: 'group' }),
      entry('/dav/images/older-team/', { permissions: 'RMGCK' }),
      entry('/dav/images/ext/', { permissions: 'MGDNVCK', mountType: 'external' }),
      entry('/dav/images/session/', { permissions: 'SGDNVCK', mountType: 'external-session' }),
    ];
    const joined = (own: Partial<MultistatusResponse>, others = [entry('/dav/images/last/', {})]) =>
      list([...entries, { ...self, ...own }, ...others]).collections.flatMap(({ path, isJoined }) =>
        isJoined === true ? path : [],
      );
    expect(joined({})).toEqual(['images/share', 'images/older', 'images/team']);
    expect(joined({ permissions: 'SRGDNVCK', mountType: 'shared' })).toEqual([]);
    expect(joined({ permissions: 'RMGCK', mountType: 'group' })).toEqual([]);
  });

  test('has images, collections and the number of all members', () => {
    const image = { contentLength: '10', etag: 'W/"2"', lastModified: 'Mon, 23 Nov 2026 20:45:55 GMT' };
    const listing = list([
      self,
      entry('/dav/images/x.ova', image),
      entry('/dav/images/old/', { etag: '"3"' }),
      entry('/dav/images/notes.txt'),
      entry('/dav/images/._x.ova'),
    ]);
    expect(listing).toEqual({
      collection: 'images',
      verdict: { complete: true },
      marker: 'etag:1',
      modifiedAt: null,
      askedAt: null,
      isSettled: false,
      mayPropagate: false,
      isMount: false,
      fingerprint: null,
      fileId: null,
      images: [
        {
          path: 'images/x.ova',
          sizeBytes: 10,
          etag: null,
          modifiedAt: Date.UTC(2026, 10, 23, 20, 45, 55),
        },
      ],
      collections: [{ path: 'images/old', marker: 'etag:3', isMount: false }],
      siblings: null,
      guarded: [],
      misfits: [],
      memberCount: 4,
      requests: 2,
    });
  });

  test('finds the collection by its path, wherever it stands and however it is written', () => {
    const listing = list([
      entry('/dav/images/x.ova'),
      entry('http://other.example.org/dav/%69mages', { resourceType: 'collection' }),
    ]);
    expect(listing.verdict.complete).toBe(true);
  });

  test.for([
    ['a status of its own', { ...failed, status: 403 }],
    ['a propstat that failed', { ...failed, failedStatus: 500 }],
    ['no property at all', failed],
  ] as const)('guards a member with %s', ([, trouble]) => {
    const listing = list([self, entry('/dav/images/old/', trouble), entry('/dav/images/x.ova', trouble)]);
    expect(listing.verdict.complete).toBe(true);
    const status = 'status' in trouble ? trouble.status : 'failedStatus' in trouble ? trouble.failedStatus : null;
    const guarded = [
      { path: 'images/old', status },
      { path: 'images/x.ova', status },
    ];
    expect(listing).toMatchObject({ images: [], collections: [], guarded, misfits: [], memberCount: 2 });
  });

  test('keeps a member whose other properties failed', () => {
    const listing = list([self, entry('/dav/images/old/', { failedStatus: 404 })]);
    expect(listing.collections).toHaveLength(1);
  });

  test('leaves out what is excluded, whatever it is, but counts it', () => {
    const entries = [
      self,
      entry('/dav/images/old/'),
      entry('/dav/images/x.ova'),
      entry('/dav/images/y', { ...failed, status: 403 }),
    ];
    expect(list(entries, () => true)).toMatchObject({ images: [], collections: [], guarded: [], memberCount: 3 });
  });
});

describe('an entry that can be no member', () => {
  const nameless = 'its real name may not be UTF-8';
  test.for<[string, MultistatusResponse, string]>([
    ['a dot', entry('/dav/images/.'), 'are not names'],
    ['two dots', entry('/dav/images/..'), 'are not names'],
    ['a NUL', entry('/dav/images/x%00.ova'), 'are not names'],
    ['a name with a slash', entry('/dav/images/AC%2FDC.ova'), 'a slash'],
    ['a deeper level, which nobody asked for', entry('/dav/images/old/x.ova'), 'deeper'],
    ['an href that is no URL', entry('http://[::1'), 'not a URL'],
    ['an empty href', entry('', { resourceType: 'other' }), 'empty'],
    ['the collection again, as a file', entry('/dav/images/', { resourceType: 'other' }), nameless],
    ['the collection again, with an error', entry('/dav/images', { ...failed, status: 500 }), nameless],
    ['the collection again, with a slash too many', entry('/dav/images//'), nameless],
    ['a relative reference', entry('zz.ova'), 'neither a URL'],
    ['a URN', entry('urn:x:y'), 'neither a URL'],
    ['what no URL has', entry('%zz'), 'neither a URL'],
  ])('spoils only itself: %s', ([, misfit, reason]) => {
    for (const entries of [
      [self, misfit],
      [self, entry('/dav/images/a.ova'), misfit, entry('/dav/images/b/')],
      [misfit, self],
    ]) {
      // Which of two equal collections stands first doesn't matter.
      if (misfit.href.endsWith('//') && entries[0] === misfit) continue;
      const listing = list(entries, () => false, Date.UTC(2026, 10, 24));
      expect(listing.verdict).toEqual({ complete: true });
      expect(listing.marker).toBe('etag:1');
      expect(listing.misfits).toEqual([expect.stringContaining(reason)]);
      expect(listing).toMatchObject({ isSettled: false, memberCount: entries.length - 1, guarded: [] });
    }
  });

  test('is told of one by one for a few, and counted for all', () => {
    const deep = Array.from({ length: 7 }, (_, i) => entry(`/dav/images/old/${i}.ova`));
    const { misfits, memberCount } = list([self, ...deep]);
    expect(misfits).toHaveLength(6);
    expect(misfits[5]).toBe('and 2 more of that kind');
    expect(memberCount).toBe(7);
  });

  test('is no collection that is merely listed twice', () => {
    const doubled = entry('/dav/images//');
    for (const entries of [
      [self, self],
      [doubled, doubled],
      [doubled, entry('//dav//images//')],
      [doubled, entry('http://localhost/dav/images//')],
    ]) {
      expect(list(entries)).toMatchObject({ verdict: { complete: true }, misfits: [], memberCount: 0 });
    }
  });
});

describe('an answer of the collection alone that says it is gone', () => {
  test.for([
    ['by its status', { ...failed, status: 404 }],
    ['by status 410', { ...failed, status: 410 }],
    ['by its only propstat', { ...failed, failedStatus: 404 }],
  ] as const)('%s', ([, gone]) => {
    expect(list([entry('/dav/images/', gone)]).verdict).toMatchObject({ complete: false, failure: 'not-found' });
  });

  test('is none where the collection shows something else of itself', () => {
    expect(list([entry('/dav/images/', { failedStatus: 404 })]).verdict).toEqual({ complete: true });
  });
});

describe('an href outside of the space', () => {
  const detail = (href: string, basePath: string) => {
    const builder = createListingBuilder({ collection: '' as ResourcePath, basePath, exclude: () => false });
    builder.add(entry(href));
    const { verdict } = builder.finish(1, null);
    return verdict.complete ? '' : verdict.detail;
  };
  test.for([
    ['another case', '/DAV/jm/', '/dav/jm/', 'only in case'],
    ['another normal form', '/dav/Caf%C3%A9/', '/dav/Cafe%CC%81/', 'only in case or Unicode form'],
    ['a stripped prefix', '/jm/x.ova', '/cut/dav/jm/', null],
    ['a prefix that a proxy takes away', '/dav/jm/x.ova', '/cut/dav/jm/', 'it lacks "/cut"'],
    ['anything else', '/other/', '/dav/jm/', "outside the space's URL"],
  ] as const)('says what is likely to be wrong: %s', ([, href, base, words]) => {
    expect(detail(href, base)).toContain(words ?? 'it lacks "/cut/dav"');
  });
});

describe('a listing fails', () => {
  test.for([
    ['no-self', 'without the collection itself', [entry('/dav/images/x.ova')]],
    ['no-self', 'without any entry', []],
    ['no-collection', 'when the collection is a file', [entry('/dav/images', { resourceType: 'other' })]],
    ['no-self', 'when the collection is forbidden', [entry('/dav/images/', { ...failed, failedStatus: 403 })]],
    ['no-self', 'when nothing is known of the collection', [entry('/dav/images/', failed)]],
    ['foreign-href', 'with an entry outside of the space', [self, entry('/other/x.ova')]],
    ['foreign-href', 'with an entry of another collection', [self, entry('/dav/other/x.ova')]],
    ['foreign-href', 'with the collection that holds it', [self, entry('/dav/')]],
    [
      'no-self',
      'when the collection has status 404 and lists a member',
      [entry('/dav/images/', { ...failed, status: 404 })],
    ],
    ['paged', 'with 507 for the collection', [self, entry('/dav/images/', { ...failed, status: 507 })]],
    ['paged', 'with 507 for a member', [self, entry('/dav/images/x.ova', { ...failed, failedStatus: 507 })]],
  ] as const)('as %s %s', ([failure, , entries]) => {
    const listing = list([entry('/dav/images/a.ova'), ...entries]);
    expect(listing.verdict).toMatchObject({ complete: false, failure });
    expect(listing).toMatchObject({ images: [], collections: [], memberCount: 0, marker: null, requests: 2 });
  });

  test('with the first doubt, quoting a long href only in part', () => {
    const { verdict } = list([entry(`/${'x'.repeat(1_000)}`), entry('/y')]);
    expect(verdict.complete ? '' : verdict.detail).toMatch(
      /^"\/x{199}\.\.\." is not a member: it lies outside the space/,
    );
  });
});

describe('a marker', () => {
  const lastModified = 'Mon, 23 Nov 2026 20:45:55 GMT';
  const modifiedAt = Date.parse(lastModified);
  const old = entry('/dav/images/', { etag: '"1"', lastModified });
  const anything = () => false;

  test('is settled when the collection’s own date lies two seconds before the request', () => {
    expect(list([old], anything, modifiedAt + 2_000).isSettled).toBe(true);
    expect(list([old], anything, modifiedAt + 1_999).isSettled).toBe(false);
    expect(list([old], anything, null).isSettled).toBe(false);
    expect(list([self], anything, modifiedAt + 60_000).isSettled).toBe(false);
  });

  test('is not settled while a member has an error of its own', () => {
    const broken = entry('/dav/images/x.ova', { ...failed, failedStatus: 403 });
    expect(list([old, broken], anything, modifiedAt + 60_000).isSettled).toBe(false);
  });
});

describe('ownCloud’s properties', () => {
  const owncloud = (href: string, permissions: string) => entry(href, { fileId: '7', permissions, etag: '"1"' });

  test('make markers candidates for whole subtrees, both together', () => {
    expect(list([owncloud('/dav/images/', 'RGDNVCK')]).mayPropagate).toBe(true);
    expect(list([entry('/dav/images/', { fileId: '7' })]).mayPropagate).toBe(false);
    expect(list([entry('/dav/images/', { permissions: 'RG' })]).mayPropagate).toBe(false);
  });

  test('tell mounts', () => {
    const listing = list([owncloud('/dav/images/', 'RGDNVCK'), owncloud('/dav/images/shared/', 'SRGDNVCKM')]);
    expect(listing.isMount).toBe(false);
    expect(listing.collections).toEqual([{ path: 'images/shared', marker: 'etag:1', isMount: true }]);
    expect(list([owncloud('/dav/images/', 'RM')]).isMount).toBe(true);
  });
});
