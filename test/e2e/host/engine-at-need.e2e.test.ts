import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { endChild } from '../../support/servers/server-process.js';

const RECORDER = new URL('../../support/process/loaded-files.mjs', import.meta.url).href;
const DIST = new URL('../../../dist/', import.meta.url);
/** What begins the part of a built file that was made of the adapters of PostgreSQL, or of its client. */
const OF_POSTGRES = /^\/\/ (?:src\/postgres\/|node_modules\/pg)/m;
const OF_SQLITE = /^\/\/ src\/sqlite\//m;

it('a daemon whose index is a file loads nothing of PostgreSQL, in neither of its threads', async () => {
  const dav = await startDavServer();
  onTestFinished(() => dav.close());
  dav.tree.put('jm/a.ova', { size: 1 });
  const ovadex = await installOvadex();
  onTestFinished(ovadex.remove);
  ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }], log: { level: 'warn' } });
  const { token } = await ovadex.createToken('jm');
  const daemon = spawn(process.execPath, ['--import', RECORDER, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  overhear(daemon);
  onTestFinished(() => endChild(daemon));
  const list = async () => {
    const headers = { authorization: `Bearer ${token}` };
    return await (await fetch(`http://127.0.0.1:${ovadex.port}/v2/image`, { headers })).text();
  };
  await vi.waitFor(async () => expect(await list()).toContain('a.ova'), { timeout: 20_000, interval: 50 });

  daemon.send('tell');
  const [loaded] = (await once(daemon, 'message')) as [{ api: readonly string[]; crawler: readonly string[] }];
  expect(loaded.api).toContain('main.js');
  expect(loaded.crawler).toContain('crawler-thread.js');
  const all = [...loaded.api, ...loaded.crawler];
  const filesOf = (origin: RegExp) =>
    readdirSync(DIST).filter((name) => name.endsWith('.js') && origin.test(readFileSync(new URL(name, DIST), 'utf8')));
  expect(filesOf(OF_SQLITE).filter((name) => all.includes(name))).not.toEqual([]);
  expect(filesOf(OF_POSTGRES)).not.toEqual([]);
  expect(filesOf(OF_POSTGRES).filter((name) => all.includes(name))).toEqual([]);
}, 60_000);
