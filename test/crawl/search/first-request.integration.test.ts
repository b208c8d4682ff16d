import { expect, it } from 'vitest';
import { searchUseOf } from '../../../src/domain/model/search.js';
import { type CloudAnswer, sabreError } from '../../support/nextcloud/answer.js';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';
import { someOf } from '../../support/thorough.js';

const SEARCH = 'SEARCH /remote.php/dav/';
const ROOT = 'PROPFIND /remote.php/dav/files/jm/ 1';
const SLOW = { timeout: 60_000 };

/** A SEARCH that finds a file in another's home. */
const foreign: CloudAnswer = {
  status: 207,
  type: 'application/xml; charset="utf-8"',
  body: `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response>
<d:href>/remote.php/dav/files/lab/x.ova</d:href><d:propstat><d:prop><d:resourcetype/></d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`,
};

it('the first request to a new space is a search, which shows its list', SLOW, async () => {
  const { cloud, jm, read, listen, requests, askedAfter, folders } = await startCrawledCloud();
  let atFirst: readonly string[] = [];
  listen(async ({ method }) => {
    if (method === 'PROPFIND' && cloud.requests.length === 1) atFirst = (await read()).shown;
    return null;
  });
  expect(await askedAfter(() => undefined)).toMatchObject({ SEARCH: 2, PROPFIND: folders });
  expect(atFirst).toEqual([...jm.images()].sort());
  expect(requests().slice(0, 2)).toEqual([SEARCH, ROOT]);
  expect(searchUseOf((await read()).space.search)).toBe('on');
});

it.each(
  someOf(
    [
      ['is cut by a limit', { cutAt: 15 }, () => 15, 'off'],
      ['has lost a folder', { hidden: ['d2'] }, (leaves: number) => leaves * 0.9, 'off'],
      ['shows what is gone', { isStale: true }, (leaves: number) => leaves, 'off'],
      ['answers 500', { fails: true }, () => 0, 'none'],
      ['is not offered', { isOff: true }, () => 0, 'none'],
    ] as const,
    2,
  ),
)('the list becomes true though the first search %s', SLOW, async (_, faults, shownAtFirst, use) => {
  const { cloud, jm, leaves, read, listen, askedAfter, requests, isTrue } = await startCrawledCloud();
  cloud.setSearch(faults);
  let atFirst = -1;
  listen(async ({ path }) => {
    if (path.includes('/jm/d') && atFirst < 0) atFirst = (await read()).shown.length;
    return null;
  });
  await askedAfter(() => (use === 'off' && 'isStale' in faults ? jm.delete('d1/leaf1/x.ova') : undefined));
  expect(atFirst).toBe(shownAtFirst(leaves));
  await isTrue();
  expect((await read()).space).toMatchObject({ heldRemovals: null, trouble: null });
  expect(searchUseOf((await read()).space.search)).toBe(use);
  // Whoever refuses is not asked again.
  if (use === 'none') expect(requests().filter((request) => !request.startsWith('PROPFIND'))).toEqual([SEARCH]);
});

it('nothing of an answer with somebody else’s files is shown', SLOW, async () => {
  const { read, listen, askedAfter, isTrue } = await startCrawledCloud();
  let atFirst = -1;
  listen(async ({ method, path }) => {
    if (path.includes('/jm/d') && atFirst < 0) atFirst = (await read()).shown.length;
    return method === 'SEARCH' ? foreign : null;
  });
  await askedAfter(() => undefined);
  expect(atFirst).toBe(0);
  await isTrue();
  expect((await read()).space.search).toMatchObject({
    search: 'refuted',
    searchTrouble: expect.stringContaining('outside of what was searched'),
  });
});

it('refused credentials are tried once, by the search alone', SLOW, async () => {
  const { jm, read, sync, requests } = await startCrawledCloud();
  for (const appPassword of jm.appPasswords) jm.revoke(appPassword);
  expect(await sync()).toMatchObject([{ status: 'ERROR' }]);
  expect(requests()).toEqual([SEARCH]);
  expect((await read()).space.trouble).toMatchObject({
    kind: 'unauthorized',
    message: expect.stringContaining('answered 401'),
  });
});

it('an account that is disabled is suspended by the search alone', SLOW, async () => {
  const { jm, read, sync, requests } = await startCrawledCloud();
  jm.account.isEnabled = false;
  await sync();
  expect(requests()).toEqual([SEARCH]);
  expect((await read()).space.trouble).toMatchObject({ kind: 'unauthorized' });
});

it('an app password without access to files shows nothing, and no empty space', SLOW, async () => {
  const { jm, read, sync } = await startCrawledCloud();
  for (const appPassword of jm.appPasswords) appPassword.hasFileAccess = false;
  expect(await sync()).toMatchObject([{ status: 'ERROR' }]);
  expect(await read()).toMatchObject({ shown: [], space: { lastSuccessAt: null, trouble: { kind: 'failed' } } });
});

it('in maintenance mode the search alone is asked, and the next sync searches again', SLOW, async () => {
  const { cloud, read, sync, requests, isTrue } = await startCrawledCloud();
  cloud.setMaintenance(true);
  expect(await sync()).toMatchObject([{ status: 'ERROR' }]);
  expect(requests().filter((request) => !request.includes('status.php'))).toEqual([SEARCH]);
  cloud.setMaintenance(false);
  await sync();
  expect(requests()[0]).toBe(SEARCH);
  await isTrue();
  expect((await read()).space.trouble).toBeNull();
});

it('one space finds out for all that a server has no search', SLOW, async () => {
  const users = ['jm', 'ann', 'ben', 'cem', 'dan'];
  const { cloud, sync, requests } = await startCrawledCloud({ users });
  cloud.setSearch({ isOff: true });
  await sync();
  await sync();
  expect(requests().filter((request) => !request.startsWith('PROPFIND'))).toEqual([]);
});

it.each(
  someOf(
    [
      ['405', 405, { SEARCH: 1 }],
      ['501', 501, { SEARCH: 1 }],
      // A proxy that lets no search pass: the server behind it is asked, and three spaces try.
      ['403', 403, { SEARCH: 3, OPTIONS: 1 }],
    ],
    1,
  ),
)('a server that answers %s to every search is soon left alone', SLOW, async (_, status, expected) => {
  const users = ['jm', 'ann', 'ben', 'cem', 'dan', 'eve'];
  const { cloud, listen, sync, folders } = await startCrawledCloud({ users });
  listen(async ({ method }) => (method === 'SEARCH' ? sabreError(status, 'Forbidden', 'no') : null));
  await sync();
  const { PROPFIND, ...others } = cloud.costs.byMethod;
  expect(PROPFIND).toBe(folders + 5);
  expect(others).toEqual(expected);
  await sync();
  expect(Object.keys(cloud.costs.byMethod)).toEqual(['PROPFIND']);
});
