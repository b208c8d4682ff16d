import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import type { ServerProcess } from '../support/servers/server-process.js';

interface Told {
  readonly status: number;
  readonly detail: string;
  readonly data: Readonly<Record<string, unknown>>;
}

let dav: DavServer;
let ovadex: Ovadex;
let daemon: ServerProcess;
let space: object;
let token: string;

beforeAll(async () => {
  dav = await startDavServer();
  dav.tree.put('jm/x.ova', { size: 1 });
  ovadex = await installOvadex();
  space = { user: 'jm', url: `${dav.url}jm/`, auth: { type: 'basic', username: 'jm', password: 'very-secret' } };
  ovadex.configure({ spaces: [space] });
  ({ token } = await ovadex.createToken('root', ['--scope', 'admin']));
  daemon = await ovadex.serve();
});
afterAll(async () => {
  await daemon.stop();
  ovadex.remove();
  await dav.close();
});

async function ask(path: string, method = 'GET'): Promise<Told> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await checkedFetch(`http://127.0.0.1:${ovadex.port}${path}`, { method, headers });
  return { ...((await response.json()) as Omit<Told, 'status'>), status: response.status };
}

it('a daemon tells its health, and makes a backup that can be restored', async () => {
  // What is made afterwards shows at once all the same.
  expect((await ask('/v2/admin/health')).data).toMatchObject({ backups: { copies: [] } });
  const made = await ask('/v2/admin/backup', 'POST');
  expect(made).toMatchObject({ status: 201, data: { state: 'done', size: expect.any(Number) as number } });
  const name = String(made.data['name']);

  const { data } = await ask('/v2/admin/health');
  expect(data).toMatchObject({
    node: process.versions.node,
    backups: { keep: 3, running: null, last_failure: null, copies: [{ name, valid: true, before_migration: false }] },
    configuration: { file: ovadex.configFile, refused: null, pending: null, waits_for_restart: [] },
  });
  const { text } = data['configuration'] as { text: string };
  expect(text).toContain(`url: ${dav.url}jm/`);
  expect(text).not.toContain('very-secret');
  const findings = data['findings'] as readonly { readonly area: string; readonly severity: string }[];
  expect(findings.map(({ area }) => area)).toEqual(expect.arrayContaining(['files', 'disk']));
  expect(findings.filter(({ area, severity }) => area !== 'disk' && severity === 'problem')).toEqual([]);

  const { directory } = data['backups'] as { directory: string };
  expect(readdirSync(directory)).toEqual([name]);
  expect(await ovadex.json('db', 'check', join(directory, name))).toMatchObject({ ok: true });
  expect(dirname(directory)).toBe(dirname((data['database'] as { file: string }).file));

  const [newest] = (await ask('/v2/admin/audit?limit=1')).data as unknown as readonly object[];
  expect(newest).toMatchObject({ act: 'backup', by: 'root', details: { name }, outcome: 'done' });
});

it('a daemon reads its file again, says what came of it, and keeps what it had if the file is not valid', async () => {
  expect(await ask('/v2/admin/reload', 'POST')).toMatchObject({
    status: 200,
    data: { state: 'applied', changed: [] },
  });

  ovadex.configure({ spaces: [space, { user: 'lab', url: `${dav.url}lab/` }], log: { level: 'debug' } });
  const applied = await ask('/v2/admin/reload', 'POST');
  expect(applied.data).toMatchObject({ state: 'applied', waits_for_restart: ['log'] });
  expect((await ask('/v2/admin/space/lab')).status).toBe(200);

  ovadex.configure({ spaces: [{ user: 'jm', address: 'nowhere' }] });
  const refused = await ask('/v2/admin/reload', 'POST');
  expect([refused.status, refused.detail]).toEqual([422, expect.stringContaining('address')]);
  const { configuration } = (await ask('/v2/admin/health')).data;
  expect(configuration).toMatchObject({ refused: expect.stringContaining('address') as string });
  expect((configuration as { text: string }).text).toContain('user: lab');

  const acts = (await ask('/v2/admin/audit?limit=2')).data as unknown as readonly object[];
  expect(acts).toMatchObject([
    { act: 'reload', outcome: 'refused: 422' },
    { act: 'reload', outcome: 'done' },
  ]);
});

it('a daemon that cannot store a backup says why, and goes on', async () => {
  const { data } = await ask('/v2/admin/health');
  const { directory } = data['backups'] as { directory: string };
  rmSync(directory, { recursive: true, force: true });
  writeFileSync(directory, 'in the way');
  const failed = await ask('/v2/admin/backup', 'POST');
  const reason = `${directory}: no copy can be stored there: `;
  expect([failed.status, failed.detail]).toEqual([503, expect.stringContaining(`there is no backup: ${reason}`)]);
  const failure = { last_failure: { reason: expect.stringContaining(reason) as string }, running: null, copies: [] };
  expect((await ask('/v2/admin/health')).data).toMatchObject({ backups: failure });
  rmSync(directory);
  expect((await ask('/v2/admin/backup', 'POST')).status).toBe(201);
  expect((await ask('/v2/admin/health')).data).toMatchObject({ backups: { last_failure: null } });
});
