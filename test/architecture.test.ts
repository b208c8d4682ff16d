import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Which rooms each room may import from. Adapters know the domain alone; they meet in `app`. */
const ALLOWED: Record<string, readonly string[]> = {
  domain: [],
  wire: ['domain'],
  ovf: ['domain'],
  webdav: ['domain'],
  sql: ['domain'],
  sqlite: ['domain', 'sql'],
  postgres: ['domain', 'sql'],
  crawl: ['domain'],
  auth: ['domain'],
  webhooks: ['domain', 'wire'],
  http: ['domain', 'wire'],
  config: ['domain'],
  platform: ['domain'],
  demo: ['domain'],
  console: ['domain', 'wire', 'http'],
  app: [
    'domain',
    'wire',
    'ovf',
    'webdav',
    'sqlite',
    'postgres',
    'crawl',
    'auth',
    'webhooks',
    'http',
    'console',
    'config',
    'platform',
  ],
  doctor: ['domain', 'webdav', 'sqlite', 'http', 'config', 'app'],
  cli: ['domain', 'wire', 'ovf', 'config', 'platform', 'demo', 'app', 'doctor'],
  '': ['platform', 'cli'],
};

/** The sub-rooms of each room from the top down; each may import from those below it. `.` are the room's own files. */
const STOREYS: Record<string, readonly string[]> = {
  domain: [
    'ports',
    'copy',
    'diagnosis',
    'policy',
    'hosts',
    'webhooks',
    'lists',
    'reconcile',
    'description',
    'model',
    'freshness',
    'text',
  ],
  webdav: ['.', 'nextcloud', 'search', 'ranges', 'auth', 'gate', 'failure', 'multistatus', 'transport'],
  ovf: ['.', 'manifest', 'container', 'descriptor', 'xml'],
  sqlite: ['copy', 'check', 'schema', 'backup', 'webhooks', 'write', 'read', 'scan', 'file', 'lists', 'names'],
  postgres: ['copy', 'schema', 'webhooks', 'write', 'content', 'read', 'lists', 'connection'],
  crawl: ['.', 'describe', 'folders', 'hints', 'schedule', 'sync', 'search', 'spaces', 'news', 'signals'],
  http: ['.', 'handlers', 'openapi', 'assets', 'gate', 'lists', 'server', 'reply'],
  config: ['.', 'users', 'sections', 'fields', 'source'],
  console: ['.', 'admin', 'admin/words', 'screens', 'parts', 'texts', 'visit'],
  app: ['.', 'admin', 'settings', 'console', 'webhooks', 'crawling', 'copy', 'engines', 'demand'],
  platform: ['log', 'service', '.'],
  cli: ['.', 'commands', 'webhooks', 'database', 'files', 'completion', 'options', 'reports', 'terminal'],
};
const MOST_FILES_OF_A_FOLDER = 24;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .sort();

function importsOf(file: string): { specifiers: string[]; files: string[] } {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
  const imported = specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(SRC, resolve(dirname(join(SRC, file)), specifier)).replace(/\.js$/, '.ts'))
    .map((file) => (existsSync(join(SRC, file)) ? file : `${file}x`));
  return { specifiers, files: imported };
}

const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : '');
const storeyOf = (file: string) => dirname(file).slice(roomOf(file).length + 1) || '.';

describe('the architecture', () => {
  it.each(files)('%s imports only what its room may', (file) => {
    const allowed = ALLOWED[roomOf(file)];
    expect(allowed, `src/${file} lies in a room that nobody knows`).toBeDefined();
    const forbidden = importsOf(file).files.filter(
      (imported) => roomOf(imported) !== roomOf(file) && !allowed?.includes(roomOf(imported)),
    );
    expect(forbidden).toEqual([]);
  });

  it.each(files)('%s imports only from its own sub-room and those below', (file) => {
    const storeys = STOREYS[roomOf(file)] ?? ['.'];
    expect(storeys).toContain(storeyOf(file));
    const within = importsOf(file).files.filter((imported) => roomOf(imported) === roomOf(file));
    const above = within.filter((imported) => storeys.indexOf(storeyOf(imported)) < storeys.indexOf(storeyOf(file)));
    expect(above).toEqual([]);
  });

  it('has nothing but its beginning loose in src, and no folder that nobody can take in at a glance', () => {
    expect(files.filter((file) => roomOf(file) === '')).toEqual(['main.ts']);
    const sizes = new Map<string, number>();
    for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > MOST_FILES_OF_A_FOLDER)).toEqual([]);
  });

  it('keeps the domain free of packages', () => {
    const packages = files
      .filter((file) => roomOf(file) === 'domain')
      .flatMap((file) => importsOf(file).specifiers.filter((specifier) => !specifier.startsWith('.')));
    expect(packages).toEqual([]);
  });

  it('has no import cycle', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).files]));
    const done = new Set<string>();
    const findCycle = (file: string, trail: readonly string[]): readonly string[] | null => {
      if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
      if (done.has(file)) return null;
      for (const next of graph.get(file) ?? []) {
        const cycle = findCycle(next, [...trail, file]);
        if (cycle !== null) return cycle;
      }
      done.add(file);
      return null;
    };
    for (const file of files) expect(findCycle(file, [])).toBeNull();
  });

  it('reads argv and the environment in main.ts only, and talks SQL in sqlite/ only', () => {
    const readers = files.filter((file) => /process\.(argv|env)\b/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(readers.filter((file) => file !== 'main.ts')).toEqual([]);
    const sql = files.filter((file) => importsOf(file).specifiers.includes('better-sqlite3'));
    expect(new Set(sql.map(roomOf))).toEqual(new Set(['sqlite']));
  });

  it('never opens a file that may be the index but through SQLite, whose locks closing it would give back', () => {
    const openers =
      /\b(?:open|readFile|writeFile|appendFile|copyFile|truncate|cp)(?:Sync)?\b|\bcreate(?:Read|Write)Stream\b/;
    const importing = files.filter((file) => {
      const imports = [
        ...readFileSync(join(SRC, file), 'utf8').matchAll(/import ([^;]*?) from 'node:fs(?:\/promises)?'/g),
      ];
      return imports.some(([, names = '']) => openers.test(names) || names.includes('*') || !names.includes('{'));
    });
    const knowing = importing.filter((file) => ['sqlite', 'app'].includes(roomOf(file)));
    expect(knowing).toEqual(['sqlite/file/new-file.ts']);
    const naming = importing.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('ovadex.db'));
    expect(naming).toEqual([]);
  });

  it('has no grab bags and no file above 300 lines', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|types|lib|common|misc)\b/.test(file))).toEqual([]);
    const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });
});
