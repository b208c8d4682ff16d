import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../support/certificates.js';
import { checkedFetch } from '../../support/checked-fetch.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { startScriptedServer } from '../../support/servers/scripted-server.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { isThorough } from '../../support/thorough.js';

/** Starting takes a second and the next look at the files five; a busy machine takes longer. */
const SOON = { timeout: 25_000, interval: 100 };

let ovadex: Ovadex;
let daemon: ServerProcess | undefined;

beforeEach(async () => {
  ovadex = await installOvadex();
});

afterEach(async () => {
  await daemon?.stop();
  ovadex.remove();
});

/** The state of the user's space, as the API tells it. */
const stateOf = async (user: string): Promise<string> => {
  const { token } = await ovadex.createToken(user, ['--scope', 'admin']);
  const response = await checkedFetch(`${daemon?.url}v2/admin/space/${user}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { data: { state: string } }).data.state;
};
/** Starts the daemon; answers what its log says so far. */
const serve = async (): Promise<() => string> => {
  const log = ovadex.file('log', '');
  daemon = await ovadex.serve({
    wrap: (program, args) => ['/bin/sh', ['-c', `exec "$0" "$@" >'${log}'`, program, ...args]],
  });
  return () => readFileSync(log, 'utf8');
};

it('lists a space behind an own authority, and tries it again when its refused token was renewed', async () => {
  const authority = await createAuthority('test authority');
  const { certificate, key } = await authority.issue('storage');
  const storage = await startScriptedServer(
    ({ headers }) =>
      headers.authorization === 'Bearer token-2' && headers['x-key'] === 'key-1' ? null : { status: 401 },
    { cert: certificate, key },
  );
  ovadex.file('storage.token', 'token-1\n');
  ovadex.configure({
    storage: {
      auth: { type: 'bearer', tokenFile: 'storage.token' },
      headers: { 'X-Key': { file: ovadex.file('storage.key', 'key-1\n') } },
      tls: { ca: ovadex.file('ca.pem', authority.certificate) },
    },
    spaces: [{ user: 'jm', url: storage.url }],
  });
  const log = await serve();
  await expect.poll(() => stateOf('jm'), SOON).toBe('suspended');
  expect(storage.requests).toHaveLength(1);

  ovadex.file('storage.token', 'token-2\n');
  await expect.poll(() => stateOf('jm'), SOON).toBe('fresh');
  expect(storage.requests).toHaveLength(2);
  expect(log()).toContain('configuration reloaded');
  expect(log()).not.toMatch(/token-[12]|key-1|BEGIN/);
});

it.runIf(isThorough)('leaves a suspended space that it found by itself alone when something else changes', async () => {
  const dav = await startDavServer();
  onTestFinished(() => dav.close());
  dav.tree.put('jm/x.ova', { size: 1 });
  dav.fault('jm', { status: 401 });
  ovadex.configure({ spaces: [{ discover: dav.url }] });
  const log = await serve();
  await expect.poll(() => stateOf('jm'), SOON).toBe('suspended');

  ovadex.configure({ spaces: [{ discover: dav.url }], crawl: { exclude: ['*.bak.ova'] } });
  await expect.poll(log, SOON).toContain('configuration reloaded');
  expect(await stateOf('jm')).toBe('suspended');
  expect(dav.requests.filter(({ path }) => path === 'jm')).toHaveLength(1);
});
