import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDaemon } from '../kills/daemon.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex } from '../support/process/ovadex.js';
import { endChild, freePort } from '../support/servers/server-process.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const DIST = join(PROJECT, 'dist');
/** What begins the part of a file that was made of a source or of a package's file. */
const ORIGIN = /^\/\/ ((?:src|node_modules|node-modules:)\S*|\/\S+|\.\.\S+)$/gm;

/** That threads start, migrations are found and commands run is shown by all tests of the built program. */
describe('the built program', () => {
  const texts = new Map<string, string>();
  beforeAll(() => {
    for (const name of readdirSync(DIST).filter((each) => each.endsWith('.js')))
      texts.set(name, readFileSync(join(DIST, name), 'utf8'));
  });
  const found = (pattern: RegExp) =>
    [...texts].flatMap(([name, text]) => [...text.matchAll(pattern)].map((match) => ({ name, what: match[1] ?? '' })));

  /** These files and all that they import before anything runs. */
  const readWith = (entries: readonly string[]) => {
    const read = new Set(entries);
    for (const name of read)
      for (const [, next = ''] of (texts.get(name) ?? '').matchAll(
        /^(?:import|import .* from|\} from|export .* from) ?"\.\/([^"]+)"/gm,
      ))
        read.add(next);
    return read;
  };

  it('finds each file that it names relative to itself', () => {
    const named = found(/new URL\("([^"]+)", import\.meta\.url\)/g);
    expect(new Set(named.map(({ what }) => what)).size).toBeGreaterThan(5);
    const missing = named.filter(({ name, what }) => !existsSync(new URL(what, pathToFileURL(join(DIST, name)))));
    expect(missing).toEqual([]);
  });

  it('says nothing of where it was built', () => {
    const origins = found(ORIGIN).map(({ what }) => what);
    expect(origins).toContain('src/main.ts');
    expect(origins.filter((path) => !/^(src|node_modules)\/|^node-modules:/.test(path))).toEqual([]);
  });

  it('leaves none of Node’s modules to a `require` that ES modules lack', () => {
    expect(found(/__require\("([^"]+)"\)/g)).toEqual([]);
  });

  it('takes of a CommonJS package that it imports at need its default export, since it has no other', () => {
    const commonJs = [...texts].flatMap(([name, text]) => (/^export default require_/m.test(text) ? [name] : []));
    expect(commonJs).toContainEqual(expect.stringMatching(/^prom-client-/));
    const others = commonJs.flatMap((name) =>
      found(new RegExp(`(import\\("\\./${name.replace('.', '\\.')}"\\)(?!\\)\\.default\\b))`, 'g')),
    );
    expect(others).toEqual([]);
  });

  it('comes with the terms of every package in it', () => {
    const packages = found(ORIGIN).flatMap(
      ({ what }) => /^node_modules\/(?:.*\/node_modules\/)?((?:@[^/]+\/)?[^/]+)/.exec(what)?.[1] ?? [],
    );
    const told = [...readFileSync(join(DIST, 'licences.txt'), 'utf8').matchAll(/^-+\n(\S+) \d\S*: \S/gm)];
    expect(packages).toEqual(expect.arrayContaining(['zod', 'yaml', 'undici', 'hono', 'pino']));
    expect(new Set(told.map(([, name]) => name))).toEqual(new Set(packages));
  });

  it.each([
    ['main.js', ['zod', 'yaml', 'pino', 'undici', 'hono', 'commander']],
    ['program.js', ['zod', 'yaml', 'pino', 'undici', 'hono']],
    ['check-thread.js', ['pino', 'undici', 'hono', '@hono/zod-openapi']],
    ['crawler-thread.js', ['zod', 'yaml', 'hono', 'jose', 'webdav', 'prom-client']],
  ])('%s begins without packages that only some need', (entry, unneeded) => {
    const read = readWith([entry]);
    const text = [...read].map((name) => texts.get(name)).join('\n');
    expect(unneeded.filter((name) => text.includes(`// node_modules/${name}/`))).toEqual([]);
  });

  it.each([
    ['each command begins with', 'program.js', 8],
    ['a command needs that reads the index', 'readers.js', 4],
  ])('has what %s in some files (%s)', (_, entry, most) => {
    expect(readWith([entry]).size).toBeLessThanOrEqual(most);
  });

  it('writes a log for people, and goes through a proxy, by packages that are installed beside it', async () => {
    const dav = await startDavServer();
    onTestFinished(() => dav.close());
    const ovadex = await installOvadex();
    onTestFinished(() => ovadex.remove());
    const proxy = `127.0.0.1:${await freePort()}`; // nobody listens there
    ovadex.configure({
      storage: { proxy: `http://${proxy}` },
      spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      log: { format: 'pretty' },
    });
    const { errors } = await ovadex.sync('jm');
    expect(errors.join()).toContain('ECONNREFUSED');
    expect(errors.join()).toContain(proxy);
    const daemon = startDaemon(ovadex.argv('serve'));
    onTestFinished(() => endChild(daemon.child));
    // A start takes a second; a busy machine takes longer.
    await expect.poll(() => daemon.log(), { timeout: 25_000 }).toMatch(/ INFO.*: ovadex serves/);
  });
});
