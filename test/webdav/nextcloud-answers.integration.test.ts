import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../src/domain/model/path.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { createTestWebdav, NEVER } from './open-store.js';

const recorded = (name: string) => readFileSync(new URL(`../fixtures/nextcloud/${name}.xml`, import.meta.url), 'utf8');

/** A store of the place where the answers were recorded. */
async function openRecorded(body: string) {
  const basePath = '/remote.php/dav/files/jm/';
  const dav = await startDavServer({ basePath, markers: 'nextcloud' });
  onTestFinished(() => dav.close());
  dav.fault('', { status: 207, headers: { 'Content-Type': 'application/xml; charset=utf-8' }, body });
  return { dav, store: createTestWebdav().open({ url: dav.url, auth: { type: 'none' } }) };
}

test('of the mounts of a genuine Nextcloud only external storage is one', async () => {
  const { store } = await openRecorded(recorded('root-depth1'));
  const listing = await store.list(ROOT, NEVER);
  expect(listing).toMatchObject({ verdict: { complete: true }, mayPropagate: true, isMount: false, fingerprint: '' });
  const mounts = listing.collections.filter(({ isMount }) => isMount).map(({ path }) => path);
  expect(mounts).toEqual(['ext']);
  expect(listing.collections.map(({ path }) => path)).toContain('team');
});

test('external storage that needs a session is one, too', async () => {
  const { store } = await openRecorded(recorded('root-depth1').replace('>external<', '>external-session<'));
  const listing = await store.list(ROOT, NEVER);
  expect(listing.collections.filter(({ isMount }) => isMount).map(({ path }) => path)).toEqual(['ext']);
});

test('without the kinds of mounts, as on an ownCloud, the permissions tell', async () => {
  const body = recorded('root-depth1').replaceAll(/<nc:mount-type>[^<]*<\/nc:mount-type>/g, '');
  const { store } = await openRecorded(body);
  const listing = await store.list(ROOT, NEVER);
  expect(listing.collections.filter(({ isMount }) => isMount).map(({ path }) => path)).toEqual(['ext', 'team']);
});

test('a probe of the root tells the fingerprint of a restored backup', async () => {
  const { store } = await openRecorded(
    recorded('root-depth0').replace('<oc:data-fingerprint>', '<oc:data-fingerprint>b7f1'),
  );
  expect(await store.probe(ROOT, NEVER)).toMatchObject({ presence: 'present', fingerprint: 'b7f1' });
});

test('is asked for, of the root alone', async () => {
  const { dav, store } = await openRecorded(recorded('root-depth1'));
  dav.tree.put('team/x.ova');
  await store.list(ROOT, NEVER);
  await store.list('team' as typeof ROOT, NEVER);
  expect(dav.requests.map(({ body }) => body.includes('<oc:data-fingerprint/>'))).toEqual([true, false]);
  expect(dav.requests.map(({ body }) => body.includes('<nc:mount-type/>'))).toEqual([true, true]);
});
