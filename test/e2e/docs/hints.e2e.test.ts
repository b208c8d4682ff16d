import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from '../../docs/documents.js';
import { checkedFetch } from '../../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { typeScript } from '../../support/process/documented-shell.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { noteSecret } from '../../support/secrets.js';
import type { ServerProcess } from '../../support/servers/server-process.js';

const WITHIN_MS = 60_000;
const SOON = { timeout: 20_000, interval: 25 };
const FILES = 'remote.php/dav/files';
const APP_PASSWORD = 'app password of the administrator';
const curlMissing = findProgram('curl') === null ? 'curl' : null;

/** What a listener was registered with, as PHP reads a form. */
interface Listener {
  readonly event: string;
  readonly uri: string;
  readonly httpMethod: string;
  readonly authMethod: string;
  readonly authorization: string;
  /** The expression that the path of an event's node has to match; null: none. */
  readonly path: string | null;
}

/** The part of Nextcloud that takes listeners. */
async function startRegistry() {
  const listeners: Listener[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const isAdmin =
      request.headers.authorization === `Basic ${Buffer.from(`admin:${APP_PASSWORD}`).toString('base64')}`;
    const isOcs = request.headers['ocs-apirequest'] === 'true';
    const isPlace = request.url === '/ocs/v2.php/apps/webhook_listeners/api/v1/webhooks' && request.method === 'POST';
    if (!(isAdmin && isOcs && isPlace)) {
      response.writeHead(403).end();
      return;
    }
    const form = new URLSearchParams(body);
    const text = (name: string) => form.get(name) ?? '';
    listeners.push({
      event: text('event'),
      uri: text('uri'),
      httpMethod: text('httpMethod'),
      authMethod: text('authMethod'),
      authorization: text('authData[Authorization]'),
      path: form.get('eventFilter[event.node.path]'),
    });
    response.writeHead(200).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, listeners, close: () => new Promise((resolve) => server.close(resolve)) };
}

describeInstalled('what the documents have typed for hints', [curlMissing], () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let daemon: ServerProcess;
  let folder: string;
  let tokens: { readonly reader: string; readonly hinter: string };
  let registry: Awaited<ReturnType<typeof startRegistry>>;

  beforeAll(async () => {
    noteSecret(APP_PASSWORD);
    folder = mkdtempSync(join(tmpdir(), 'ovadex-hints-'));
    writeFileSync(join(folder, 'occ'), `#!/bin/sh\necho "$@" >>"${folder}/occ.log"\n`, { mode: 0o755 });
    registry = await startRegistry();
    dav = await startDavServer();
    for (const user of ['jm', 'kim']) dav.tree.put(`${FILES}/${user}/images/old.ova`, { size: 1 });
    ovadex = await installOvadex();
    const spaces = ['jm', 'kim'].map((user) => ({ user, url: `${dav.url}${FILES}/${user}/` }));
    ovadex.configure({ log: { level: 'error' }, spaces });
    for (const user of ['jm', 'kim']) await ovadex.sync(user);
    daemon = await ovadex.serve();
    tokens = {
      reader: (await ovadex.createToken('jm')).token,
      hinter: (await ovadex.createToken('nextcloud', ['--scope', 'hint'])).token,
    };
  }, WITHIN_MS);
  afterAll(async () => {
    await daemon.stop();
    ovadex.remove();
    await dav.close();
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  const shown = async () => {
    const headers = { Authorization: `Bearer ${tokens.reader}` };
    const response = await checkedFetch(`${daemon.url}v2/image`, { headers });
    return ((await response.json()) as { data: { path: string }[] }).data.map(({ path }) => path);
  };
  const env = () => ({
    OVADEX: daemon.url.replace(/\/$/, ''),
    HINT_TOKEN: tokens.hinter,
    APP_PASSWORD,
    PATH: `${folder}:${process.env['PATH']}`,
  });

  it('follows a hint in plain words', { timeout: WITHIN_MS }, async () => {
    dav.tree.put(`${FILES}/jm/images/ubuntu.ova`, { size: 1 });
    const blocks = blocksOf('src/http/README.md', 'sh', 'hints').map(({ text }) => text);
    const script = blocks.join('').replaceAll('curl -s ', 'curl --fail-with-body -s ');
    const typed = await typeScript({ script, folder, env: env(), withinMs: WITHIN_MS });
    expect(typed.map(({ output }) => JSON.parse(output) as object)).toMatchObject([
      { data: { status: 202, received: 1 } },
      { data: { status: 202, received: 2 } },
    ]);
    await expect.poll(shown, SOON).toEqual(['images/old.ova', 'images/ubuntu.ova']);
  });

  it('registers listeners at Nextcloud whose events are followed', { timeout: WITHIN_MS }, async () => {
    const [block] = blocksOf('config/README.md', 'sh', 'nextcloud');
    const script = (block?.text ?? '')
      .replaceAll('https://cloud.example.org/', registry.url)
      .replaceAll('https://vss-api.example.org', env().OVADEX);
    const options = { cwd: folder, env: { ...process.env, ...env() }, timeout: WITHIN_MS };
    await promisify(execFile)('sh', ['-e', '-c', script], options);
    expect(readFileSync(join(folder, 'occ.log'), 'utf8')).toBe(
      'app:enable webhook_listeners\nwebhook_listeners:list\n',
    );
    const node = (name: string) => `OCP\\Files\\Events\\Node\\Node${name}Event`;
    const trash = 'OCA\\Files_Trashbin\\Events\\NodeRestoredEvent';
    const names = ['Created', 'Deleted', 'Renamed', 'Copied'].map(node);
    expect(registry.listeners.map(({ event }) => event)).toEqual([...names, trash, node('Written')]);

    const written = registry.listeners.at(-1);
    expect(written?.path).toBe('/\\.ov[af]$/i');
    expect(registry.listeners.slice(0, -1).map(({ path }) => path)).toEqual([null, null, null, null, null]);
    dav.tree.put(`${FILES}/jm/images/debian.ova`, { size: 1 });
    for (const { uri, httpMethod, authMethod, authorization, event } of registry.listeners.slice(0, 1)) {
      expect(authMethod).toBe('header');
      const body = JSON.stringify({
        event: { class: event, node: { id: 437, path: '/jm/files/images/debian.ova' } },
        user: { uid: 'jm', displayName: 'JM' },
        time: 1_700_100_000,
      });
      const response = await checkedFetch(uri, { method: httpMethod, headers: { Authorization: authorization }, body });
      expect(response.status).toBe(202);
    }
    await expect.poll(shown, SOON).toEqual(['images/debian.ova', 'images/old.ova', 'images/ubuntu.ova']);
  });

  it('has the worker run the class that sends events', () => {
    const [unit] = blocksOf('config/README.md', 'ini', 'nextcloud');
    const [, quoted = ''] = /^ExecStart=.* '(.*)'$/m.exec(unit?.text ?? '') ?? [];
    // systemd takes a backslash in quotes for the beginning of an escape.
    expect(quoted.replaceAll('\\\\', '\\')).toBe('OCA\\WebhookListeners\\BackgroundJobs\\WebhookCall');
    expect(quoted.replaceAll('\\\\', '')).not.toContain('\\');
  });
});
