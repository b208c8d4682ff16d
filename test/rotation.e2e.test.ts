import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAuthority } from './support/certificates.js';
import { installOvadex, type Ovadex } from './support/ovadex.js';
import { startScriptedServer } from './support/scripted-server.js';
import type { ServerProcess } from './support/server-process.js';

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
  const { token } = await ovadex.createToken('jm', ['--scope', 'admin']);
  const log = ovadex.file('log', '');
  daemon = await ovadex.serve({
    wrap: (program, args) => ['/bin/sh', ['-c', `exec "$0" "$@" >'${log}'`, program, ...args]],
  });
  const api = daemon.url;
  const state = async () => {
    const response = await fetch(`${api}v2/admin/space/jm`, { headers: { Authorization: `Bearer ${token}` } });
    return ((await response.json()) as { data: { state: string } }).data.state;
  };
  await expect.poll(state, SOON).toBe('suspended');
  expect(storage.requests).toHaveLength(1);

  ovadex.file('storage.token', 'token-2\n');
  await expect.poll(state, SOON).toBe('fresh');
  expect(storage.requests).toHaveLength(2);
  expect(readFileSync(log, 'utf8')).toContain('configuration reloaded');
  expect(readFileSync(log, 'utf8')).not.toMatch(/token-[12]|key-1|BEGIN/);
});
