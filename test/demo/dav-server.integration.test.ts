import { mkdtemp, readdir, readFile, rmdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { REFUSED_NAME } from '../../src/demo/odd-images.js';
import { type Demo, prepareDemo } from '../../src/demo/prepare.js';

let demo: Demo;

beforeAll(async () => {
  const passwords = ['first', 'second'];
  demo = await prepareDemo(() => passwords.shift() ?? '', new AbortController().signal);
});
afterAll(() => demo.close());

const jm = `Basic ${btoa('jm:first')}`;
const kim = `Basic ${btoa('kim:second')}`;

function ask(path: string, authorization: string | null, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers({ Depth: '1', ...(authorization === null ? {} : { authorization }) });
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
  return fetch(demo.davUrl + path, { method: 'PROPFIND', ...init, headers });
}

/** fetch would resolve the dots before it sends them. */
async function askRaw(path: string, authorization: string): Promise<string> {
  const socket = connect(Number(new URL(demo.davUrl).port), '127.0.0.1');
  socket.write(
    `PROPFIND ${path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\nAuthorization: ${authorization}\r\nDepth: 1\r\n\r\n`,
  );
  return await text(socket);
}

describe('the demo\u2019s WebDAV server', () => {
  it('lists a space for its user', async () => {
    const answer = await ask('jm/', jm);
    expect(answer.status).toBe(207);
    expect(await answer.text()).toContain('/jm/images/</href>');
  });

  it.each([
    ['no credentials', null],
    ['a wrong password', `Basic ${btoa('jm:second')}`],
    ['an unknown user', `Basic ${btoa('lab:first')}`],
    ['another scheme', 'Bearer first'],
  ])('answers %s with 401 and a challenge', async (_case, authorization) => {
    const answer = await ask('jm/', authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it.each(['kim/', 'kim/images/Ubuntu_64-bit-vmx10.ova', ''])('refuses jm at /%s', async (path) => {
    expect((await ask(path, jm)).status).toBe(403);
  });

  it.each(['/jm/..%2fkim/', '/jm/%2e%2e/kim/', '/jm/../kim/'])(
    'leads nobody into another space by %s',
    async (path) => {
      expect(await askRaw(path, jm)).toMatch(/^HTTP\/1\.1 4\d\d /);
    },
  );

  it.each(['kim/copied.txt', 'jm/..%2fkim/copied.txt'])('copies nothing into another space as %s', async (target) => {
    const headers = { Destination: demo.davUrl + target, Depth: '0' };
    await ask('jm/notes.txt', jm, { method: 'COPY', headers });
    expect((await ask('kim/copied.txt', kim, { method: 'GET' })).status).toBe(404);
  });

  it('answers a path that is no UTF-8 with 400', async () => {
    expect((await ask('jm/%E9.ova', jm)).status).toBe(400);
  });

  it('gives the bytes of each file at its encoded path, awkward names too', async () => {
    const space = demo.spaces[0];
    const root = space?.directory ?? '';
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name !== REFUSED_NAME)
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(60);
    for (const file of files) {
      const path = relative(root, file).split('/').map(encodeURIComponent).join('/');
      const answer = await fetch(`${space?.url}${path}`, { headers: { authorization: jm } });
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect({ path, isSame: bytes.equals(await readFile(file)) }).toEqual({ path, isSame: true });
    }
  });
});

describe('the demo\u2019s storage', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is told as one space a user, each with its folder and the password that its storage wants', () => {
    expect(demo.spaces).toEqual([
      { user: 'jm', password: 'first', url: `${demo.davUrl}jm/`, directory: join(demo.directory, 'spaces/jm') },
      { user: 'kim', password: 'second', url: `${demo.davUrl}kim/`, directory: join(demo.directory, 'spaces/kim') },
    ]);
  });

  it('is gone when it is closed', async () => {
    const other = await prepareDemo(() => 'secret', new AbortController().signal);
    await other.close();
    await expect(fetch(other.davUrl)).rejects.toThrow();
    await expect(stat(other.directory)).rejects.toThrow(/ENOENT/);
  });

  it('leaves nothing behind when its making is aborted', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'ovadex-aborted-'));
    vi.stubEnv('TMPDIR', parent); // os.tmpdir() asks it at every call
    const abort = new AbortController();
    const preparing = prepareDemo(() => {
      abort.abort(new Error('enough'));
      return 'secret';
    }, abort.signal);
    await expect(preparing).rejects.toThrow();
    expect(await readdir(parent)).toEqual([]);
    await rmdir(parent);
  });
});
