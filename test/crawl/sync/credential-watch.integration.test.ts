import { expect, it } from 'vitest';
import { watchCredentials } from '../../../src/crawl/sync/credential-watch.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { NEVER, openStore } from '../../webdav/open-store.js';

const [CLOSED, OPEN] = ['closed' as ResourcePath, 'open' as ResourcePath];

/** An ownCloud that was listed, asked for one thing at a time: what comes next waits for the answer before. */
async function watchOwncloud() {
  const { dav, store } = await openStore({ hasOwncloudProperties: true }, { requestsPerHost: 1 });
  dav.tree.put('closed/x.ova');
  dav.tree.put('open/x.ova');
  const watched = watchCredentials(store);
  await watched.list(ROOT, NEVER);
  dav.fault(CLOSED, { status: 401 });
  return { dav, watched };
}

it.each([
  ['the listing of the root', ROOT],
  ['that of another folder', OPEN],
])('%s, which waited behind a folder that refused the credentials alone, is asked for after all', async (_, other) => {
  const { watched } = await watchOwncloud();
  const [refused, listed] = await Promise.all([watched.list(CLOSED, NEVER), watched.list(other, NEVER)]);
  expect(refused.verdict).toMatchObject({ complete: false, failure: 'forbidden' });
  expect(listed).toMatchObject({ verdict: { complete: true }, requests: 1 });
});

it('so is whether a folder exists', async () => {
  const { watched } = await watchOwncloud();
  const [, probed] = await Promise.all([watched.list(CLOSED, NEVER), watched.probe(OPEN, NEVER)]);
  expect(probed).toMatchObject({ presence: 'present', failure: null, requests: 1 });
});

it('nothing is asked for any more once the root has refused them, too', async () => {
  const { dav, watched } = await watchOwncloud();
  dav.fault(ROOT, { status: 401 });
  const asked = () => dav.requests.length;
  const before = asked();
  const answers = await Promise.all([
    watched.list(CLOSED, NEVER),
    watched.list(OPEN, NEVER),
    watched.list(ROOT, NEVER),
  ]);
  for (const { verdict } of answers) expect(verdict).toMatchObject({ complete: false, failure: 'unauthorized' });
  expect(asked() - before).toBe(2);
});
