import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckedIndex, IndexFile } from '../../../src/app/index-file.js';
import { backupIndex, checkIndexFile, type DbDeps, migrateIndex, restoreIndex } from '../../../src/cli/database/db.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { configFolder } from '../../config/config-folder.js';
import { captureIo } from '../captured-io.js';

const SOUND: CheckedIndex = { file: '/a.db', schema: 4, newestSchema: 5, images: 12, spaces: 2, findings: [] };
const ALONE = { removed: [], left: [], uncounted: [], strangers: null };
const SHARED = 'directory: x, url: "postgres://ovadex@db/ovadex"';
const DAMAGED: CheckedIndex = {
  ...SOUND,
  images: null,
  findings: [
    { check: 'pages', detail: 'Tree 5 page 6: \u001b[31m' },
    { check: 'counters', detail: 'the space of "jm" counts 1' },
  ],
};

async function scene(answers: Partial<IndexFile>, { isTTY = false, data = 'directory: x', schema = 1 } = {}) {
  const folder = await configFolder({ 'ovadex.yaml': `data: { ${data} }` });
  const io = captureIo({ isTTY });
  const acts: unknown[] = [];
  const deps: DbDeps = {
    audit: async (_config, _io, act, details, outcome = 'done') => void acts.push([act, details, outcome]),
    open: (_config, options) => {
      options?.onCheck?.('pages');
      return { file: '/x/ovadex.db', ...answers } as IndexFile;
    },
    migrateDatabase: async ({ data: { database } }, { isDryRun }) => {
      if (isDryRun) acts.push('rehearsed');
      return { name: `of ${database?.user}`, from: schema, to: 2 };
    },
  };
  const options = { config: join(folder, 'ovadex.yaml') };
  return { io, deps, acts, options, json: { ...options, json: true } };
}

describe('ovadex db', () => {
  test('backup tells what the copy holds', async () => {
    const { io, deps, options, json } = await scene({
      backup: (file) => ({ ...SOUND, file, sizeBytes: 2_500_000, ...ALONE }),
    });
    expect(await backupIndex('/b.db', options, io, deps)).toBe(0);
    expect(io.out()).toBe('/b.db: 12 images in 2 spaces, schema 4, 2.5 MB, checked\n');
    await backupIndex('/b.db', json, io, deps);
    expect(io.out()).toContain('"size": 2500000');
  });

  test('backup tells which older copies went, and who else may change the new one', async () => {
    const removed = ['/c/ovadex-1.db'];
    const strangers = 'every account on this machine may write to it';
    const { io, deps, options } = await scene({
      backup: (file) => ({ ...SOUND, file, sizeBytes: 1, ...ALONE, removed, strangers }),
    });
    expect(await backupIndex('/c', { ...options, keep: 3 }, io, deps)).toBe(0);
    expect(io.out()).toContain('/c/ovadex-1.db: removed; 3 are kept\n');
    expect(io.err()).toContain(`warning: /c: ${strangers}`);
  });

  test('a backup is made although an older one stays, which is told with the reason and 75', async () => {
    const left = [{ file: '/c/ovadex-1.db', why: 'EPERM: operation not permitted' }];
    const uncounted = ['/c/ovadex-99999999T999999999Z.db'];
    const { io, deps, acts, options, json } = await scene({
      backup: (file) => ({ ...SOUND, file, sizeBytes: 1, ...ALONE, left, uncounted }),
    });
    expect(await backupIndex('/c', { ...options, keep: 3 }, io, deps)).toBe(75);
    expect(io.out()).toContain('checked\n');
    expect(io.err()).toContain('warning: /c/ovadex-1.db: not removed: EPERM: operation not permitted\n');
    expect(io.err()).toMatch(/^warning: \/c\/ovadex-99999999T999999999Z\.db: .* neither counted nor removed$/m);
    expect(acts).toEqual([['db backup', { file: '/c' }, 'done']]);
    const other = await scene({ backup: (file) => ({ ...SOUND, file, sizeBytes: 1, ...ALONE, left: [], uncounted }) });
    expect(await backupIndex('/c', { ...json, keep: 3 }, other.io, other.deps)).toBe(0);
    expect(JSON.parse(other.io.out())).toMatchObject({ left: [], uncounted });
  });

  test('what is done to the index is taken down, and what is refused as well', async () => {
    const refused = (): never => {
      throw new OvadexError('conflict', 'another process has the index open');
    };
    const failing = (): never => {
      throw new TypeError('a bug');
    };
    const { io, deps, acts, options } = await scene({
      backup: (file) => ({ ...SOUND, file, sizeBytes: 1, ...ALONE }),
      restore: refused,
      migrate: failing,
      rehearse: () => ({ from: 4, to: 5, applied: [], copy: null, findings: [] }),
    });
    await backupIndex('/b.db', options, io, deps);
    await expect(restoreIndex('/b.db', options, io, deps)).rejects.toThrow(/another process/);
    await expect(migrateIndex(options, io, deps)).rejects.toThrow(/a bug/);
    await migrateIndex({ ...options, dryRun: true }, io, deps);
    expect(acts).toEqual([
      ['db backup', { file: '/b.db' }, 'done'],
      ['db restore', { file: '/b.db' }, 'refused: conflict'],
      ['db migrate', {}, 'failed'],
    ]);
  });

  test('check lists what is wrong, steers no terminal, and ends with 65', async () => {
    const { io, deps, options, json } = await scene({ check: () => DAMAGED });
    expect(await checkIndexFile(undefined, options, io, deps)).toBe(65);
    expect(io.out()).toBe(
      '/a.db: 2 problems found\npages: Tree 5 page 6: \\u{1b}[31m\ncounters: the space of "jm" counts 1\n',
    );
    const other = await scene({ check: () => DAMAGED });
    expect(await checkIndexFile(undefined, json, other.io, other.deps)).toBe(65);
    expect(JSON.parse(other.io.out())).toMatchObject({
      ok: false,
      schema: 4,
      newest_schema: 5,
      findings: DAMAGED.findings,
    });
  });

  test('check says that all is well, and what it is at on a terminal', async () => {
    const { io, deps, options } = await scene({ check: () => SOUND }, { isTTY: true });
    expect(await checkIndexFile('/a.db', options, io, deps)).toBe(0);
    expect(io.out()).toBe(
      '/a.db: no problems found: 12 images in 2 spaces, schema 4, which this program brings to 5\n',
    );
    expect(io.err()).toBe('checking every page\n');
  });

  test('restore names the index that was there, and what could not be kept of it', async () => {
    const { io, deps, options } = await scene({
      restore: () => ({
        replaced: '/x/old.db',
        isNewerKept: false,
        isForgottenKept: false,
        restored: SOUND,
        left: [],
        strangers: null,
      }),
    });
    expect(await restoreIndex('/a.db', options, io, deps)).toBe(0);
    expect(io.out()).toContain('/x/ovadex.db: restored, 12 images in 2 spaces, schema 4');
    expect(io.out()).toContain('the previous index: /x/old.db');
    expect(io.err().split('\n')).toEqual([
      expect.stringMatching(/^warning: .*revoked after the backup are valid again/),
      expect.stringMatching(/^warning: .*who was forgotten after the backup: they are back.*"ovadex forget"/),
      expect.stringMatching(/lists every space in full/),
      expect.stringMatching(/schema 4 to 5/),
      '',
    ]);
  });

  test('restore tells what of older ones it could not remove, and ends with 75', async () => {
    const left = [{ file: '/x/old\u001b.db', why: 'EPERM' }];
    const { io, deps, options } = await scene({
      restore: () => ({
        replaced: null,
        isNewerKept: true,
        isForgottenKept: true,
        restored: SOUND,
        left,
        strangers: null,
      }),
    });
    expect(await restoreIndex('/a.db', options, io, deps)).toBe(75);
    expect(io.err()).toContain('warning: /x/old\\u{1b}.db: not removed: EPERM\n');
  });

  test('migrate tells each step and where the copy is', async () => {
    const applied = [{ name: '0005-more.sql', elapsedMs: 1_234 }];
    const { io, deps, options, json } = await scene({
      migrate: () => ({ from: 4, to: 5, applied, copy: '/x/backups/a.db' }),
      rehearse: () => ({ from: 4, to: 5, applied, copy: null, findings: DAMAGED.findings }),
    });
    expect(await migrateIndex(options, io, deps)).toBe(0);
    expect(io.out()).toBe('the schema went from 4 to 5\n0005-more.sql: 1.23 s\nthe index as it was: /x/backups/a.db\n');
    const dry = await scene({ rehearse: () => ({ from: 4, to: 5, applied, copy: null, findings: DAMAGED.findings }) });
    expect(await migrateIndex({ ...json, dryRun: true }, dry.io, dry.deps)).toBe(65);
    expect(JSON.parse(dry.io.out())).toMatchObject({
      dry_run: true,
      from: 4,
      to: 5,
      applied: [{ name: '0005-more.sql', seconds: 1.234 }],
      findings: DAMAGED.findings,
    });
  });

  test.each([
    ['backup', 'pg_dump', (of: Awaited<ReturnType<typeof scene>>) => backupIndex('/b.db', of.options, of.io, of.deps)],
    ['check', 'pg_amcheck', (of) => checkIndexFile(undefined, of.options, of.io, of.deps)],
    ['restore', 'pg_restore', (of) => restoreIndex('/b.db', of.options, of.io, of.deps)],
  ])('%s is done by a tool of the database if one keeps the index', async (name, tool, run) => {
    const of = await scene({}, { data: SHARED });
    const refusal = expect.stringMatching(`^db ${name}: postgres://ovadex@db/ovadex keeps the index; ${tool} `);
    await expect(run(of)).rejects.toMatchObject({ code: 'usage', message: refusal });
    expect(of.acts).toEqual([]);
  });

  test('migrate brings the schema of a database up to date', async () => {
    const { io, deps, acts, options } = await scene({}, { data: SHARED });
    expect(await migrateIndex(options, io, deps)).toBe(0);
    expect(io.out()).toBe('the schema went from 1 to 2\n');
    expect(acts).toEqual([['db migrate', {}, 'done']]);
    expect(await migrateIndex({ ...options, dryRun: true }, io, deps)).toBe(0);
    expect(io.out()).toContain('the schema would go from 1 to 2\n');
    expect(acts.slice(1)).toEqual(['rehearsed']);
    const current = await scene({}, { data: SHARED, schema: 2 });
    expect(await migrateIndex({ ...current.options, json: true }, current.io, current.deps)).toBe(0);
    expect(JSON.parse(current.io.out())).toEqual({ url: 'of ovadex', dry_run: false, from: 2, to: 2 });
  });
});
