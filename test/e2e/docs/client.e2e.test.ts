import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksOf, PROJECT, readDocument } from '../../docs/documents.js';
import { checkedFetch } from '../../support/checked-fetch.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { COPY_CLIENTS, type CopyClient, saveCopyClient } from '../../support/process/copy-clients.js';
import { typeScript } from '../../support/process/documented-shell.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import type { ServerProcess } from '../../support/servers/server-process.js';

const DOCUMENT = 'src/http/README.md';
const DAY_MS = 86_400_000;
/** A dozen short requests, or a start of a compiler; a busy machine takes longer. */
const WITHIN_MS = 60_000;
const SERVICE = { username: 'svc-ovadex', password: 'of the service account' };
const JM = { username: 'jm', password: 'of the user jm' };
/** More than a page of the examples has. */
const IMAGES = Array.from({ length: 120 }, (_, n) => `images/ubuntu-${String(n).padStart(3, '0')}.ova`);

const curlMissing = findProgram('curl') === null ? 'curl' : null;
const pythonMissing = findProgram('python3') === null ? 'python3' : null;

describe('what src/http/README.md has a consumer type', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  let server: ServerProcess;
  let folder: string;
  let env: { readonly OVADEX: string; readonly TOKEN: string };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-client-'));
    // Put there yesterday: what may still be written to is not settled.
    dav = await startDavServer({ auth: [SERVICE, JM], now: () => Date.now() - DAY_MS, date: Date.now });
    for (const path of IMAGES) dav.tree.put(`jm/${path}`, { size: 2_000 });
    ovadex = await installOvadex();
    ovadex.configure({
      storage: { auth: { type: 'basic', ...SERVICE } },
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      // The calls for links exist only where something may be linked.
      link: { origins: [{ url: 'https://cloud.example.org/remote.php/dav/files/{user}/' }] },
    });
    await ovadex.sync('jm');
    server = await ovadex.serve();
    // Until all images have been read, the list changes.
    const waiting = async () => {
      const { spaces } = (await ovadex.json('spaces')) as { spaces: readonly { waiting_images: number }[] };
      return spaces[0]?.waiting_images;
    };
    await vi.waitUntil(async () => (await waiting()) === 0, { timeout: WITHIN_MS, interval: 100 });
    env = { OVADEX: server.url.replace(/\/$/, ''), TOKEN: (await ovadex.createToken('jm')).token };
  }, WITHIN_MS);
  afterAll(async () => {
    await server.stop();
    ovadex.remove();
    await dav.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (path: string) =>
    checkedFetch(`${env.OVADEX}${path}`, { headers: { Authorization: `Bearer ${env.TOKEN}` } });
  /** A program of the document as a file. */
  const save = (language: string, name: string) => {
    const [block, ...others] =
      language === 'py' ? blocksOf(DOCUMENT, 'py', 'client') : blocksOf(DOCUMENT, 'ts', 'client');
    expect([block?.text !== undefined, others]).toEqual([true, []]);
    const file = join(folder, name);
    writeFileSync(file, block?.text ?? '');
    return file;
  };
  const run = async (program: string, args: readonly string[], more: Readonly<Record<string, string>> = env) => {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...process.env, ...more },
      timeout: WITHIN_MS,
    });
    return stdout;
  };
  const wanted = IMAGES.map((path) => `${path} 2000\n`).join('');

  describeInstalled('in a shell', [curlMissing], () => {
    it('lists, filters and pages, learns that nothing has changed, logs in, and asks for a sync', async () => {
      const script = blocksOf(DOCUMENT, 'sh', 'client')
        .map(({ text }) => text)
        .join('')
        .replaceAll('http://127.0.0.1:8080', env.OVADEX)
        .replace('ovx_...', env.TOKEN)
        .replace('jm:the password', `jm:${JM.password}`)
        // A refusal ends the script.
        .replaceAll('curl -s ', 'curl --fail-with-body -s ');
      const typed = await typeScript({ script, folder, withinMs: WITHIN_MS });
      const printed = (part: string) => typed.find(({ line }) => line.includes(part))?.output ?? '';
      const answer = (part: string) => JSON.parse(printed(part)) as { data: unknown; meta: object };

      for (const part of ['/v2/image"', 'name=ubuntu', 'filter=size'])
        expect(answer(part).meta).toMatchObject({ count: IMAGES.length });
      expect(answer('per_page=20').meta).toMatchObject({ count: 20, pages: { per_page: 20 } });
      expect(printed('text/csv').split('\r\n')).toHaveLength(IMAGES.length + 2);
      expect(printed('--etag-compare').trim()).toBe('304');
      expect(printed('/v2/image/events')).toMatch(/^retry: 2000\n\nevent: image\.changed\ndata: \{"name":"ubuntu-/);
      expect(printed('request-token')).toMatch(/"[\w-]+\.[\w-]+\.[\w-]+"/);
      expect(answer('-X PATCH').data).toBeDefined();
      expect(answer('image_sync?per_page=1').meta).toMatchObject({ count: 1 });
    });
  });

  describeInstalled('in Python', [pythonMissing], () => {
    it('prints every settled image, over all pages', async () => {
      expect(await run('python3', [save('py', 'list.py')])).toBe(wanted);
    });

    it('says what is wrong with a token', async () => {
      const refused = run('python3', [save('py', 'list.py')], { ...env, TOKEN: 'none' });
      await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining('(request ') as string });
    });
  });

  describe('in TypeScript', () => {
    const bin = (name: string) => join(PROJECT, 'node_modules/.bin', name);

    it('prints every settled image, over all pages', { timeout: WITHIN_MS }, async () => {
      expect(await run(bin('tsx'), [save('ts', 'list.mts')])).toBe(wanted);
    });

    it('is right in its types, as is the program that keeps a copy', { timeout: WITHIN_MS }, async () => {
      const files = [
        save('ts', 'list.mts'),
        ...COPY_CLIENTS.filter(isTypeScript).map((each) => saveCopyClient(each, folder)),
      ];
      const types = ['--types', 'node', '--typeRoots', join(PROJECT, 'node_modules/@types')];
      const target = ['--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'];
      expect(await run(bin('tsc'), ['--ignoreConfig', '--noEmit', '--strict', ...target, ...types, ...files])).toBe('');
    });

    it('says what is wrong with a token', { timeout: WITHIN_MS }, async () => {
      const refused = run(bin('tsx'), [save('ts', 'list.mts')], { ...env, TOKEN: 'none' });
      await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining('(request ') as string });
    });
  });

  it('has a table with every call of the API, and with no other', async () => {
    const { paths } = (await (await ask('/openapi.json')).json()) as { paths: Record<string, Record<string, unknown>> };
    const calls = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => !['head', 'options', 'parameters'].includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    const shown = readDocument(DOCUMENT)
      .split('\n')
      .filter((line) => /^\| `[A-Z]+/.test(line))
      .flatMap(callsIn);
    expect(new Set(shown)).toEqual(new Set(calls));
  });

  it('gets lists that have the members shown', async () => {
    const [block] = blocksOf(DOCUMENT, 'json', 'list');
    expect(shapeOf(await (await ask('/v2/image?name=ubuntu-001')).json())).toEqual(
      shapeOf(JSON.parse(block?.text ?? '')),
    );
  });

  it('gets problems that have the members shown', async () => {
    const [block] = blocksOf(DOCUMENT, 'json', 'problem');
    const shown = JSON.parse(block?.text ?? '') as { readonly detail: string };
    const answer = await ask('/v2/image?sort=age');
    const told = (await answer.json()) as { readonly detail: string };
    expect([answer.status, shapeOf(told)]).toEqual([400, shapeOf(shown)]);
    expect(told.detail.startsWith(shown.detail.replace(' ...', '')), told.detail).toBe(true);
  });
});

function isTypeScript({ language }: CopyClient): boolean {
  return language === 'TypeScript';
}

/** The calls in the first cell of a row: `GET`, `PUT /a`, `/b` are GET and PUT of /a, and PUT of /b. */
function callsIn(row: string): readonly string[] {
  const [, cell = ''] = row.split(' | ')[0]?.split('| ') ?? [];
  let methods: string[] = [];
  let isOpen = false;
  return [...cell.matchAll(/`(?:([A-Z]+)(?: |`))?(\/[^`?]*)?/g)].flatMap(([, method, path]) => {
    if (method !== undefined) methods = isOpen ? [...methods, method] : [method];
    isOpen = path === undefined;
    if (path === undefined || methods.includes('OPTIONS')) return [];
    const found = methods.map((each) => `${each} ${path}`);
    methods = methods.slice(-1);
    return found;
  });
}

/** The names of an answer's members, all the way down; a value is nothing. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
