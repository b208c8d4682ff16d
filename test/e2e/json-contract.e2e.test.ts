import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DavServer, startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { OLD_KEYS } from '../wire/vocabulary.js';

const document = readFileSync(new URL('../../config/README.md', import.meta.url), 'utf8');
const [, chapter = ''] = document.split('### JSON\n');
const wordsIn = (cell: string) => [...cell.replace(/\(.*?\)/g, '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
const contract = [...(chapter.split('\n###')[0] ?? '').matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)].map(
  ([, command = '', answer = '', fields = '']) => {
    const [list = '', ...beside] = wordsIn(answer);
    return { command, list, beside, fields: wordsIn(fields) };
  },
);
const fieldsOf = (command: string) => {
  const { fields = [] } = contract.find((each) => each.command === command) ?? {};
  return new Set([...fields, ...Object.keys(OLD_KEYS.get(command) ?? {})]);
};

/** The JSON types that have been promised, whatever a single answer holds. */
const TYPES: Readonly<Record<string, RegExp>> = {
  id: /^number$/,
  images: /^number$/,
  revision: /^number$/,
  scopes: /^array$/,
  message: /^(object|string)$/,
  action: /^(string|null)$/,
  last_error: /^(object|null)$/,
};
const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** Some starts of the program, each of a second; a busy machine takes longer. */
const STARTS_WITHIN_MS = 60_000;

describe('the JSON of the commands', () => {
  let dav: DavServer;
  let ovadex: Ovadex;
  beforeAll(async () => {
    dav = await startDavServer();
    dav.tree.put('jm/x.ova', { size: 1 });
    ovadex = await installOvadex();
    dav.tree.put('kim/gone.ova', { size: 1 });
    ovadex.configure({
      spaces: ['jm', 'kim'].map((user) => ({ user, url: `${dav.url}${user}/` })),
      webhooks: [{ name: 'deployer', url: 'http://127.0.0.1:9/', secret: `whsec_${'A'.repeat(32)}` }],
    });
    await ovadex.sync('jm');
    await ovadex.sync('kim');
    dav.tree.remove('kim/gone.ova'); // an empty root is held
    await ovadex.run('sync', '--user', 'kim');
    await ovadex.createToken('jm');
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    ovadex.remove();
    await dav.close();
  });

  it('is promised for every command that lists', () => {
    expect(contract.map(({ command }) => command)).toEqual([
      'spaces',
      'held',
      'requests',
      'sync',
      'images',
      'inspect',
      'verify',
      'token list',
      'webhook list',
      'doctor',
    ]);
  });

  it('of inspect is a line for each file, as config/README.md has it', async () => {
    const files = [1, 2].map((n) => join(tmpdir(), `ovadex-contract-${process.pid}-${n}.ova`));
    for (const file of files) writeFileSync(file, '');
    try {
      // It takes no configuration.
      const [main = ''] = ovadex.argv();
      const stdout = spawnSync(process.execPath, [main, 'inspect', '--json', ...files], { encoding: 'utf8' }).stdout;
      const lines = stdout.trimEnd().split('\n');
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(new Set(Object.keys(JSON.parse(line)))).toEqual(fieldsOf('inspect'));
    } finally {
      for (const file of files) rmSync(file);
    }
  });

  it('of verify is a line for each file that is compared, as config/README.md has it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-contract-'));
    writeFileSync(join(folder, 'x.ovf'), 'x');
    writeFileSync(join(folder, 'x.mf'), `SHA1(x.ovf)= ${'0'.repeat(40)}\nSHA1(gone)= ${'0'.repeat(40)}\n`);
    try {
      const [main = ''] = ovadex.argv();
      const words = [main, 'verify', '--json', join(folder, 'x.ovf')];
      const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      expect(status).toBe(65);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).result)).toEqual(['differs', 'missing']);
      for (const line of lines) expect(new Set(Object.keys(JSON.parse(line)))).toEqual(fieldsOf('verify'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(contract.filter(({ list }) => list !== ''))(
    'of $command is as config/README.md has it',
    async ({ command, list, beside }) => {
      const user = { images: 'jm', held: 'kim' }[command];
      const all = command === 'sync' ? ['--all'] : [];
      const words = [...command.split(' '), ...(user === undefined ? all : ['--user', user])];
      // Something is held, which the exit codes tell.
      const { stdout } = await ovadex.run(...words, '--json');
      const answer = JSON.parse(stdout) as Record<string, Record<string, unknown>[]>;
      expect(new Set(Object.keys(answer))).toEqual(new Set([list, ...beside]));
      const items = answer[list] ?? [];
      expect(items.length).toBeGreaterThan(0);
      for (const item of items) {
        expect(new Set(Object.keys(item))).toEqual(fieldsOf(command));
        for (const [field, value] of Object.entries(item)) expect(typeOf(value)).toMatch(TYPES[field] ?? /./);
      }
    },
  );

  it('is promised without what is deprecated, which is named with what takes its place', () => {
    const [, deprecated = ''] = chapter.split('\nDeprecated,');
    const told = new Set(
      wordsIn(deprecated.split('\n\n')[0]?.replace(/[()]/g, '') ?? '').map((word) => word.split('.').at(-1)),
    );
    for (const [command, keys] of OLD_KEYS) {
      for (const [old, now] of Object.entries(keys)) {
        expect([...told], command).toEqual(expect.arrayContaining([old, now.split('.').at(-1)]));
      }
    }
  });

  it('of one request, and of a forgotten user, too', async () => {
    const shown = (await ovadex.json('requests', 'show', '1')) as object;
    expect(new Set(Object.keys(shown))).toEqual(fieldsOf('requests'));
    await ovadex.createToken('guest', ['--force']);
    const forgotten = await ovadex.json('forget', '--user', 'guest');
    expect(forgotten).toEqual({ user: 'guest', images: 0, collections: 0, syncs: 0, tokens: 1 });
  });

  it('tells nothing of what a command took down but in the file for that', async () => {
    const { stdout, stderr } = await ovadex.run('token', 'create', '--user', 'kim', '--json');
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(expect.arrayContaining(['token', 'id', 'user']));
    expect(stderr).not.toContain('audit');
  });
});
