import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { init } from '../../../src/cli/commands/init.js';
import type { InitOptions } from '../../../src/cli/options/init-options.js';
import { run } from '../../../src/cli/program.js';
import { loadConfig } from '../../../src/config/load.js';
import { tryStorage } from '../../../src/doctor/try-storage.js';
import { configFolder } from '../../config/config-folder.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { captureIo } from '../captured-io.js';

const ACCOUNT = { type: 'basic', username: 'svc', password: 'hunter2' } as const;
let dav: DavServer;

beforeAll(async () => {
  dav = await startDavServer({ auth: ACCOUNT });
});
afterAll(() => dav.close());

/** Types each answer once its question has come; answers what was on the screen. */
async function typed(options: InitOptions, answers: readonly (readonly [question: string, answer: string])[]) {
  const io = captureIo({ isTTY: true });
  const keyboard = Object.assign(new PassThrough(), { isTTY: true });
  const outcome = init(options, { ...io, stdin: () => keyboard }, tryStorage).catch((error: unknown) => error);
  let seen = 0;
  for (const [question, answer] of answers) {
    await vi.waitUntil(() => io.err().indexOf(question, seen) >= 0, { timeout: 5_000, interval: 5 });
    seen = io.err().indexOf(question, seen) + question.length;
    keyboard.write(`${answer}\n`);
  }
  return { outcome: await outcome, out: io.out(), err: io.err() };
}

describe('ovadex init by flags', () => {
  const flags = (folder: string): string[] => [
    ...['init', '--config', join(folder, 'etc', 'ovadex.yaml'), '--url', dav.url, '--user', 'jm'],
    ...['--username', 'svc', '--password-file', join(folder, 'pw')],
  ];
  const call = async (words: readonly string[]) => {
    const io = captureIo();
    const code = await run(words, io);
    return { code, out: io.out(), err: io.err() };
  };

  test('tries the storage, writes the file, and says what comes next', async () => {
    const folder = await configFolder({ pw: 'hunter2\n' });
    const { code, out } = await call(flags(folder));
    const file = join(folder, 'etc/ovadex.yaml');
    expect(code).toBe(0);
    expect(out).toContain(`written: ${file}\nnext:\n  ovadex sync --all --config ${file}\n`);
    expect(out).toContain(`ovadex token create --user jm --config ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await loadConfig(file)).toMatchObject({
      spaces: [{ user: 'jm', url: dav.url, auth: ACCOUNT }],
      data: { directory: join(folder, 'etc/data') },
    });
    expect(await readdir(join(folder, 'etc'))).toEqual(['ovadex.yaml']);
  });

  test('overwrites nothing, not even a link that leads nowhere', async () => {
    const folder = await configFolder({ pw: 'hunter2\n' });
    const file = join(folder, 'etc/ovadex.yaml');
    await mkdir(join(folder, 'etc'));
    await writeFile(file, 'mine');
    expect(await call(flags(folder))).toMatchObject({
      code: 73,
      out: '',
      err: expect.stringContaining('file exists; not overwritten') as string,
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
    const other = await configFolder({ pw: 'hunter2\n' });
    await mkdir(join(other, 'etc'));
    await symlink('nowhere', join(other, 'etc/ovadex.yaml'));
    expect((await call(flags(other))).code).toBe(73);
    expect(await readdir(join(other, 'etc'))).toEqual(['ovadex.yaml']);
  });

  test('leaves nothing behind where the storage does not take it', async () => {
    const folder = await configFolder({ pw: 'wrong\n' });
    const { code, err } = await call(flags(folder));
    expect(code).toBe(69);
    expect(err).toContain('answered 401');
    expect(err).toContain('nothing was written');
    expect(await readdir(join(folder, 'etc'))).toEqual([]);
    expect((await call([...flags(folder), '--offline'])).code).toBe(0);
  });

  test('names all that is missing', async () => {
    const folder = await configFolder({});
    const { code, err } = await call(['init', '--config', join(folder, 'x.yaml'), '--auth', 'digest']);
    expect(code).toBe(2);
    expect(err).toContain(
      'missing --url URL; --user U (repeatable), or --discover; --username NAME; --password-file FILE',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('refuses what makes no configuration, and leaves nothing behind', async () => {
    const folder = await configFolder({ pw: 'x\n' });
    const words = flags(folder).map((word) => (word === dav.url ? 'ftp://h/' : word));
    expect(await call(words)).toMatchObject({
      code: 78,
      err: expect.stringContaining('must be an http or https URL') as string,
    });
    expect(await readdir(join(folder, 'etc'))).toEqual([]);
  });
});

describe('ovadex init on a terminal', () => {
  test('asks for all of it, shows no password, and keeps it in a file of its own', async () => {
    const folder = await configFolder({});
    const file = join(folder, 'ovadex.yaml');
    const { outcome, out, err } = await typed({ config: file }, [
      ['URL of the storage', dav.url],
      ['Users,', 'jm'],
      ['logs in to the storage (basic, digest, bearer, none) [basic]', ''],
      ['User name', 'svc'],
      ['Password (not shown)', 'hunter2'],
    ]);
    expect([outcome, err]).toEqual([0, err]);
    expect(err).not.toContain('hunter2');
    expect(err).toContain('Password (not shown)');
    expect(out).toContain('next:');
    expect((await stat(join(folder, 'dav.secret'))).mode & 0o777).toBe(0o600);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readFile(file, 'utf8')).not.toContain('hunter2');
    expect((await loadConfig(file)).spaces).toMatchObject([{ user: 'jm', auth: ACCOUNT }]);
  });

  test('asks once more where the storage refuses, and keeps what was given', async () => {
    const folder = await configFolder({});
    const file = join(folder, 'ovadex.yaml');
    const { outcome, err } = await typed({ config: file, url: dav.url, user: ['jm'] }, [
      ['logs in', ''],
      ['User name', 'svc'],
      ['Password', 'wrong'],
      [`[${dav.url}]`, ''],
      ['[jm]', ''],
      ['[basic]', ''],
      ['User name [svc]', ''],
      ['Password', 'hunter2'],
    ]);
    expect([outcome, err]).toEqual([0, err]);
    expect(err).toContain('answered 401');
    expect(err).toContain('Please try again');
    expect((await loadConfig(file)).spaces).toMatchObject([{ user: 'jm', auth: ACCOUNT }]);
  });

  test('ends without a word more where nobody answers any more, and writes nothing', async () => {
    const folder = await configFolder({});
    const { outcome } = await typed({ config: join(folder, 'ovadex.yaml') }, [
      ['URL of the storage', dav.url],
      ['Users,', '\u0003'], // Ctrl-C
    ]);
    expect(outcome).toMatchObject({ code: 'usage', message: expect.stringContaining('nothing was written') as string });
    expect(await readdir(folder)).toEqual([]);
  });
});
