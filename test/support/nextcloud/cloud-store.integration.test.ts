import { expect, it, onTestFinished } from 'vitest';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { createTestWebdav } from '../../webdav/open-store.js';
import { createNextcloud } from './cloud.js';
import { createCloudStore } from './cloud-store.js';

it('a store without HTTP says of a space what the client reads from the modelled server', async () => {
  const now = () => Date.parse('2026-11-26T12:00:00Z');
  const cloud = await createNextcloud({ users: { jm: {}, lab: {} }, now });
  onTestFinished(() => cloud.close());
  cloud.addTeamFolder('team', ['jm', 'lab']);
  cloud.addExternal('jm', 'ext');
  const jm = cloud.user('jm');
  const date = { modifiedAt: Date.parse('2026-01-01T00:00:00Z'), sizeBytes: 7 };
  for (const path of ['a/b/x.ova', 'a/y.OVF', 'a/no.txt', 'team/z.ova', 'v.ova']) jm.put(path, date);
  const { secret } = jm.mintAppPassword();
  const real = createTestWebdav().open({ url: jm.url, auth: { type: 'basic', username: 'jm', password: secret } });
  const ours = createCloudStore(jm.account.space, now, () => undefined);

  const { signal } = new AbortController();
  for (const path of [ROOT, 'a', 'a/b', 'team', 'ext'] as ResourcePath[]) {
    const asked = await real.list(path, signal);
    expect(await ours.list(path, signal)).toEqual({ ...asked, askedAt: now(), isSettled: expect.any(Boolean) });
    expect((await ours.probe(path, signal)).marker).toBe((await real.probe(path, signal)).marker);
  }
  const [theirs, own] = [await real.search(signal), await ours.search(signal)];
  if (theirs?.kind !== 'found' || own?.kind !== 'found') throw new Error('the search was not answered');
  const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
  expect([...own.images].sort(byPath)).toEqual([...theirs.images].sort(byPath));
});
