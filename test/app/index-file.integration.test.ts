import fs, {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Index } from '../../src/app/engines/index-ports.js';
import { openSqliteIndex } from '../../src/app/engines/sqlite-index.js';
import { createIndexFile } from '../../src/app/index-file.js';
import { lockDirectory } from '../../src/sqlite/file/directory-lock.js';
import { begin, commit, end, type IndexUnderTest, listing } from '../contract/index-under-test.js';
import { makePipe } from '../support/make-pipe.js';
import { spoilPage } from '../support/spoil-page.js';

/** As those of another account in a sticky folder, or those that are immutable; who runs the tests may be root. */
const refusedToUnlink = new Set<string>();
const { unlinkSync } = fs;
const setUnlink = (unlink: typeof unlinkSync) => {
  fs.unlinkSync = unlink;
  syncBuiltinESMExports();
};
beforeAll(() =>
  setUnlink((path) => {
    if (!refusedToUnlink.has(String(path))) return unlinkSync(path);
    throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM', syscall: 'unlink' });
  }),
);
afterAll(() => setUnlink(unlinkSync));

const NOW = Date.UTC(2030, 0, 1);
/** Some dozens of pages. */
const IMAGES = 500;

describe('the index as a file', () => {
  let directory: string;
  let file: string;
  let open: (() => Promise<void>)[];
  const place = () => ({ data: { directory } });
  const indexFile = () => createIndexFile(place(), { clock: () => NOW });
  const failing = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message) });

  /** Filled once, and copied for each test. */
  const filled = mkdtempSync(join(tmpdir(), 'ovadex-filled-'));
  beforeAll(async () => {
    const index = openSqliteIndex({ data: { directory: filled } }, { clock: () => NOW });
    await fill(index, 'jm', IMAGES);
    await index.close();
  });
  afterAll(() => rmSync(filled, { recursive: true, force: true }));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ovadex-file-'));
    file = join(directory, 'ovadex.db');
    copyFileSync(join(filled, 'ovadex.db'), file);
    open = [];
  });
  afterEach(async () => {
    for (const close of open) await close();
    rmSync(directory, { recursive: true, force: true });
  });

  const openIt = (options: { readonly?: boolean } = {}): Index => {
    const index = openSqliteIndex(place(), { clock: () => NOW, ...options });
    open.push(index.close);
    return index;
  };
  const edit = (sql: string, path = file) => {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  };
  const imagesOf = async (user: string) => (await openIt({ readonly: true }).catalogue.space(user))?.images;

  describe('backup', () => {
    it('is a whole copy for the owner alone, made beside writers and readers', async () => {
      const writer = openIt();
      const reader = openIt({ readonly: true });
      await fill(writer, 'lab', 10);
      const target = join(directory, 'copy.db');
      expect(indexFile().backup(target)).toMatchObject({ images: IMAGES + 10, spaces: 2, findings: [] });
      expect(statSync(target).mode & 0o777).toBe(0o600);
      expect(readdirSync(directory).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
      await fill(writer, 'ops', 10);
      expect((await reader.catalogue.listSpaces()).spaces.length).toBe(3);
    });

    it('follows no link and takes over no file that somebody has put where it may write', () => {
      const target = join(directory, 'copy.db');
      const victim = join(directory, 'victim');
      writeFileSync(victim, 'mine', { mode: 0o666 });
      for (const planted of ['.unfinished', '.restoring']) symlinkSync(victim, target + planted);
      indexFile().backup(target);
      expect(readFileSync(victim, 'utf8')).toBe('mine');
      expect(lstatSync(target).isFile()).toBe(true);
      expect(lstatSync(target).nlink).toBe(1);
      expect(statSync(target).mode & 0o777).toBe(0o600);
    });

    it('removes what a killed one has left a day ago, and nothing of one that runs', () => {
      const [old, running] = ['ovadex-unfinished-old', 'ovadex-unfinished-new'].map((name) => join(directory, name));
      for (const folder of [old, running]) mkdirSync(folder ?? '');
      utimesSync(old ?? '', 0, 0);
      indexFile().backup(join(directory, 'copy.db'));
      expect(readdirSync(directory).filter((name) => name.startsWith('ovadex-unfinished-'))).toEqual([
        'ovadex-unfinished-new',
      ]);
    });

    it('makes room by that before it looks whether there is enough', () => {
      const left = join(directory, 'ovadex-unfinished-old');
      mkdirSync(left);
      utimesSync(left, 0, 0);
      const { statfsSync } = fs;
      const setStatfs = (found: typeof statfsSync) => {
        fs.statfsSync = found;
        syncBuiltinESMExports();
      };
      setStatfs(((path: string) => {
        const found = statfsSync(path);
        return existsSync(left) ? Object.assign(found, { bavail: 0 }) : found;
      }) as typeof statfsSync);
      try {
        indexFile().backup(join(directory, 'copy.db'));
      } finally {
        setStatfs(statfsSync);
      }
      expect(existsSync(left)).toBe(false);
    });

    it('has no name before all of it is checked, so that one that is killed leaves none', () => {
      const target = join(directory, 'copy.db');
      const named: boolean[] = [];
      const onCheck = () => named.push(existsSync(target));
      const made = createIndexFile(place(), { clock: () => NOW, onCheck }).backup(target);
      expect([made.file, new Set(named)]).toEqual([target, new Set([false])]);
      expect(existsSync(target)).toBe(true);
    });

    it('overwrites nothing', () => {
      const target = join(directory, 'copy.db');
      writeFileSync(target, 'mine');
      expect(() => indexFile().backup(target)).toThrow(failing('conflict', /copy\.db: file exists; not overwritten/));
      expect(statSync(target).size).toBe(4);
    });

    it.each(['', '-journal', '-wal', '-shm'])('is not put where a link to nowhere has its name%s', (suffix) => {
      const target = join(directory, 'copy.db');
      symlinkSync(join(directory, 'nowhere'), target + suffix);
      expect(() => indexFile().backup(target)).toThrow(
        failing('conflict', /copy\.db\S*: file exists; not overwritten/),
      );
      expect(readdirSync(directory).filter((name) => name.startsWith('copy'))).toEqual([`copy.db${suffix}`]);
    });

    it('in a folder is named after the time, and the newest of those stay', () => {
      const folder = join(directory, 'copies');
      mkdirSync(folder);
      for (const name of ['ovadex-mine.db', 'other.db', 'ovadex-20290101T000000000Z-schema-4.db']) {
        writeFileSync(join(folder, name), '');
      }
      // At the same time by the clock, then earlier by it.
      const at = (now: number) => createIndexFile(place(), { clock: () => now }).backup(folder, 2);
      const made = [NOW, NOW, NOW + 2, NOW - 1].map(at);
      expect(made.map(({ file }) => file.slice(folder.length + 1))).toEqual([
        'ovadex-20300101T000000000Z.db',
        'ovadex-20300101T000000001Z.db',
        'ovadex-20300101T000000002Z.db',
        'ovadex-20291231T235959999Z.db',
      ]);
      expect(made[3]?.removed).toEqual([made[1]?.file]);
      expect(readdirSync(folder).sort()).toEqual([
        'other.db',
        'ovadex-20290101T000000000Z-schema-4.db',
        'ovadex-20291231T235959999Z.db',
        'ovadex-20300101T000000002Z.db',
        'ovadex-mine.db',
      ]);
      expect(indexFile().backup(folder).removed).toEqual([]);
    });

    it('counts and removes only copies, and none before its time, in a folder of copies', () => {
      const folder = join(directory, 'copies');
      mkdirSync(folder);
      const named = (time: string) => join(folder, `ovadex-${time}Z.db`);
      const [real, older] = [named('20280101T000000000'), named('20270101T000000000')];
      const uncounted = ['99999999T999999999', '20990101T000000000', '20290230T000000000'].map(named);
      for (const each of [real, older, ...uncounted]) writeFileSync(each, 'copy');
      mkdirSync(named('20290101T000000000'));
      makePipe(named('20290102T000000000'));
      symlinkSync(real, named('20290103T000000000'));
      writeFileSync(named('20290104T000000000'), '');
      const before = readdirSync(folder);
      const made = indexFile().backup(folder, 2);
      expect(made).toMatchObject({ removed: [older], left: [], uncounted });
      expect([...readdirSync(folder), basename(older)].sort()).toEqual([...before, basename(made.file)].sort());
    });

    it('stays, checked, where an older one can not be removed', () => {
      const folder = join(directory, 'copies');
      mkdirSync(folder);
      const older = ['ovadex-20280101T000000000Z.db', 'ovadex-20270101T000000000Z.db'].map((name) =>
        join(folder, name),
      );
      for (const each of older) writeFileSync(each, 'copy');
      refusedToUnlink.add(older[0] ?? '');
      const made = indexFile().backup(folder, 1);
      expect(made.left).toEqual([{ file: older[0], why: expect.stringMatching(/EPERM/) }]);
      expect(made.removed).toEqual([older[1]]);
      expect(indexFile().check(made.file).findings).toEqual([]);
      refusedToUnlink.clear();
    });

    it.each([
      'ovadex.db',
      'ovadex.db-wal',
      'ovadex.db-shm',
      'ovadex.db-journal',
      'ovadex.db.replaced-20300101T000000000Z',
      'daemon.lock',
      'daemon.lock-journal',
      'token.key',
      'audit.log',
      'audit.log.1',
      '.',
    ])('is not put in the place of %s of the data directory, by whatever path', (name) => {
      const link = join(directory, 'link');
      symlinkSync(directory, link);
      const before = readdirSync(directory);
      for (const target of [join(directory, name), join(link, name), relative('.', join(directory, name))]) {
        expect(() => indexFile().backup(target)).toThrow(failing('conflict', /name another/));
      }
      expect(readdirSync(directory)).toEqual(before);
    });

    it('may have such a name elsewhere, but none that is of the index which a link leads to', () => {
      const folder = join(directory, 'copies');
      mkdirSync(folder);
      for (const name of ['token.key', 'ovadex.db'])
        expect(indexFile().backup(join(folder, name)).findings).toEqual([]);
      const real = join(folder, 'real.db');
      renameSync(file, real);
      symlinkSync(real, file);
      expect(() => indexFile().backup(`${real}-wal`)).toThrow(failing('conflict', /name another file/));
    });

    it('removes none where it is a file that is to be made', () => {
      const target = join(directory, 'copy.db');
      expect(() => indexFile().backup(target, 3)).toThrow(failing('usage', /--keep: .*copy\.db is not a folder/));
      expect(existsSync(target)).toBe(false);
    });

    it.each([
      [0o700, null],
      [0o750, null],
      [0o777, /of its folder: every account on this machine may write/],
    ])('in a folder of mode %o says who else may change it', (mode, strangers) => {
      const folder = join(directory, 'copies');
      mkdirSync(folder);
      chmodSync(folder, mode);
      const made = indexFile().backup(join(folder, 'copy.db'));
      if (strangers === null) expect(made.strangers).toBeNull();
      else expect(made.strangers).toMatch(strangers);
    });

    it('is not made of a damaged index', () => {
      edit('UPDATE spaces SET images = images + 1');
      const target = join(directory, 'copy.db');
      expect(() => indexFile().backup(target)).toThrow(failing('damaged', /no backup of it: counters: .*"jm"/));
      expect(existsSync(target)).toBe(false);
    });

    it('names the folder that is missing, or is none', () => {
      const target = join(directory, 'missing', 'copy.db');
      expect(() => indexFile().backup(target)).toThrow(failing('not-found', /missing: no such folder/));
      expect(() => indexFile().backup(join(file, 'copy.db'))).toThrow(failing('not-found', /ovadex\.db: not a folder/));
    });
  });

  describe('check', () => {
    it.each([
      [
        'counters',
        `UPDATE spaces SET collections = 9`,
        /"jm" counts 500 images and 9 collections, but there are 500 and 1/,
      ],
      [
        'references',
        `PRAGMA foreign_keys = OFF; UPDATE images SET collection = 77 WHERE id < 4`,
        /3 rows of images refer to a missing row of collections/,
      ],
      [
        'counters',
        `UPDATE spaces SET broken_images = 2`,
        /"jm" counts 0, 500, 0, 2 images as described, waiting, incomplete, broken, but there are 0, 500, 0, 0/,
      ],
      [
        'readings',
        `UPDATE images SET state = 1 WHERE id < 3; UPDATE spaces SET described_images = 2, waiting_images = 498`,
        /2 images have a state, but no reading/,
      ],
      [
        'readings',
        `INSERT INTO descriptions VALUES (1, 1, 1, 1, 1, 1, '{}')`,
        /1 reading belongs to no image of their space that has a state/,
      ],
      [
        'readings',
        `INSERT INTO image_groups VALUES (1, 1, 1, 'linux', 1, 1, 1, 7)`,
        /^1 group of images that are alike counts others/,
      ],
      [
        'readings',
        `UPDATE images SET state = 0 WHERE id < 3;
         INSERT INTO descriptions SELECT id, 1, 1, 1, 1, 1, '{}' FROM images WHERE id < 3;
         UPDATE image_groups SET images = images + 1; INSERT INTO image_groups VALUES (1, 1, 1, '', 1, 1, 1, 1)`,
        /^2 groups of images that are alike count others/,
      ],
      ['names', `UPDATE images SET name_key = 'quite another' WHERE id = 5`, /\d+ trigrams lead to images other/],
      ['names', `DELETE FROM trigram_extent`, /trigram_extent has 0 rows/],
      ['schema', `DROP INDEX images_by_collection`, /index images_by_collection is missing/],
      ['schema', `CREATE TABLE theirs (a)`, /table theirs does not belong to an ovadex index/],
      ['schema', `UPDATE migrations SET checksum = 'x' WHERE number = 2`, /0002-pruning\.sql differs/],
    ])('finds what is wrong with the %s: %s', async (check, sql, detail) => {
      // The newest names wait outside the trigram index until they are many.
      if (check === 'names') await fill(openIt(), 'lab', 3_000);
      edit(sql);
      expect(indexFile().check().findings).toEqual([{ check, detail: expect.stringMatching(detail) }]);
    });

    it('finds a spoiled page wherever it is, and changes nothing', () => {
      const copy = join(directory, 'copy.db');
      let found = 0;
      indexFile().backup(copy);
      const pages = statSync(copy).size / 4096;
      rmSync(copy);
      for (const page of [1, 2, Math.floor(pages / 2), pages]) {
        indexFile().backup(copy);
        spoilPage(copy, page);
        const before = statSync(copy).mtimeMs;
        found += indexFile().check(copy).findings.length > 0 ? 1 : 0;
        expect(statSync(copy).mtimeMs).toBe(before);
        rmSync(copy);
      }
      expect(found).toBe(4);
    });

    it('is content with an older schema and with what a writer is about', async () => {
      const writer = openIt();
      await fill(writer, 'lab', 10);
      const { findings, schema, newestSchema, images } = indexFile().check();
      expect(findings).toEqual([]);
      expect(images).toBe(IMAGES + 10);
      expect(schema).toBe(newestSchema);
    });

    it('refuses what is no index of ours', () => {
      const other = join(directory, 'other.db');
      edit('CREATE TABLE theirs (a)', other);
      expect(() => indexFile().check(other)).toThrow(failing('foreign', /not an ovadex index/));
      expect(() => indexFile().check(join(directory, 'none.db'))).toThrow(failing('not-found', /none\.db/));
      edit('PRAGMA user_version = 99');
      expect(() => indexFile().check()).toThrow(failing('foreign', /newer ovadex/));
    });
  });

  describe('restore', () => {
    const backedUp = () => {
      const target = join(directory, 'copy.db');
      indexFile().backup(target);
      return target;
    };

    it('puts the backup in the place of the index, and keeps what was there', async () => {
      const target = backedUp();
      const index = openIt();
      await fill(index, 'lab', 10);
      await index.close();
      const { replaced } = indexFile().restore(target);
      expect(indexFile().check().findings).toEqual([]);
      expect(await imagesOf('lab')).toBeUndefined();
      expect(await imagesOf('jm')).toBe(IMAGES);
      expect(indexFile().check(replaced ?? '')).toMatchObject({ images: IMAGES + 10, findings: [] });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(existsSync(target)).toBe(true);
    });

    it.each([{ readonly: true }, { readonly: false }])(
      'refuses while somebody has the index open (%j)',
      async (how) => {
        const target = backedUp();
        const index = openIt(how);
        (await index.catalogue.listSpaces()).spaces;
        expect(() => indexFile().restore(target)).toThrow(failing('conflict', /another process has the index open/));
        expect((await index.catalogue.listSpaces()).spaces.length).toBe(1);
        await index.close();
        indexFile().restore(target);
      },
    );

    it('refuses while a daemon has the data directory, and gives it back in the end', () => {
      const target = backedUp();
      const lock = lockDirectory(directory);
      expect(() => indexFile().restore(target)).toThrow(failing('conflict', /another ovadex daemon uses this data/));
      lock.release();
      indexFile().restore(target);
      lockDirectory(directory).release();
      expect(statSync(join(directory, 'daemon.lock'))).toMatchObject({ size: 0 });
    });

    it('makes the data directory where there is none yet', () => {
      const target = backedUp();
      const elsewhere = join(directory, 'new', 'data');
      const file = createIndexFile({ data: { directory: elsewhere } });
      expect(file.restore(target)).toMatchObject({ replaced: null, restored: { images: IMAGES } });
      expect(statSync(elsewhere).mode & 0o777).toBe(0o750);
      expect(file.check().findings).toEqual([]);
    });

    it('keeps as many of the replaced ones as of copies from before migrations', () => {
      const target = backedUp();
      const replaced = [1, 2, 3, 4, -1].map(
        (ms) => createIndexFile(place(), { clock: () => NOW + ms }).restore(target).replaced ?? '',
      );
      expect(replaced.filter((name) => existsSync(name))).toEqual(replaced.slice(2)); // the last by an older clock
      expect(indexFile().check(replaced[4]).findings).toEqual([]);
    });

    it('is done although a replaced one can not be removed, and tells so', () => {
      const target = backedUp();
      const restore = (ms: number) => createIndexFile(place(), { clock: () => NOW + ms }).restore(target);
      const replaced = [1, 2, 3].map((ms) => restore(ms).replaced ?? '');
      refusedToUnlink.add(replaced[0] ?? '');
      expect(restore(4).left).toEqual([{ file: replaced[0], why: expect.stringMatching(/EPERM/) }]);
      refusedToUnlink.clear();
      expect(restore(5).left).toEqual([]);
      expect(replaced.filter((name) => existsSync(name))).toEqual(replaced.slice(2));
    });

    it('takes no damaged backup', () => {
      const target = backedUp();
      edit('UPDATE spaces SET images = 0', target);
      expect(() => indexFile().restore(target)).toThrow(failing('damaged', /backup is damaged, the index stays/));
      expect(indexFile().check().findings).toEqual([]);
    });

    it.each([1, 2])('replaces an index whose page %i is spoiled', async (page) => {
      const target = backedUp();
      spoilPage(file, page);
      const { isNewerKept, isForgottenKept } = indexFile().restore(target);
      expect(indexFile().check().findings).toEqual([]);
      expect(await imagesOf('jm')).toBe(IMAGES);
      expect(isNewerKept).toBe(page !== 1);
      expect(isForgottenKept).toBe(false);
    });

    it('takes the log of a killed writer neither along nor away', async () => {
      const target = backedUp();
      spoilPage(file, 1);
      writeFileSync(`${file}-wal`, 'the end of a log');
      writeFileSync(`${file}-shm`, '');
      const { replaced } = indexFile().restore(target);
      expect(existsSync(`${replaced}-wal`)).toBe(true);
      expect(await imagesOf('jm')).toBe(IMAGES);
      expect(indexFile().check().findings).toEqual([]);
    });

    it('makes an index where there is none', async () => {
      const target = backedUp();
      rmSync(file);
      expect(indexFile().restore(target).replaced).toBeNull();
      expect(await imagesOf('jm')).toBe(IMAGES);
    });

    it('keeps tokens revoked, gives no id twice, and lists all spaces in full', async () => {
      const before = openIt();
      const { record } = await before.authority.issue({ user: 'jm', scopes: [], expiresAt: null });
      const running = await begin(asTested(before), 'jm');
      await before.close();
      const target = backedUp();
      const since = openIt();
      await since.tokens.revoke(record.id, NOW);
      await since.syncs.cancel(running.sync.id);
      await fill(since, 'lab', 50);
      await since.close();

      indexFile().restore(target);
      const index = openIt();
      expect((await index.tokens.list())[0]?.revokedAt).toBe(NOW);
      expect((await index.syncs.find(running.sync.id))?.status).toBe('CANCELLED');
      expect((await index.spaces.fileDue(NOW)).filed.map(({ mode }) => mode)).toEqual(['full']);
      await fill(index, 'ops', 1);
      const [image] = (await index.catalogue.images('ops', { nameContains: [], sort: [] }))?.images ?? [];
      expect(image?.id).toBeGreaterThan(IMAGES + 50);
    });
  });

  it.each(['', '-journal', '-wal'])('refuses a pipe at once that is named as a copy%s', (suffix) => {
    const copy = join(directory, 'copy.db');
    indexFile().backup(copy);
    if (suffix === '') rmSync(copy);
    makePipe(copy + suffix);
    const refusal = failing('not-found', new RegExp(`copy\\.db${suffix}: this is not a regular file`));
    expect(() => indexFile().check(copy)).toThrow(refusal);
    expect(() => indexFile().restore(copy)).toThrow(refusal);
  });

  it('refuses a folder, and an index that is a pipe', () => {
    expect(() => indexFile().check(directory)).toThrow(failing('not-found', /not a regular file/));
    rmSync(file);
    makePipe(file);
    expect(() => indexFile().check()).toThrow(failing('not-found', /not a regular file/));
    expect(() => indexFile().backup(join(directory, 'copy.db'))).toThrow(failing('not-found', /not a regular file/));
  });

  describe('restore, of what was forgotten or ended since', () => {
    const backedUp = () => {
      const target = join(directory, 'copy.db');
      indexFile().backup(target);
      return target;
    };
    const since = async (act: (index: Index) => Promise<unknown>) => {
      const index = openIt();
      await act(index);
      await index.close();
    };
    const tokensOf = (user: string) => ({ user, scopes: [], expiresAt: null });
    /**
     * `jm` has a space, an access token, a log-in and a request, and another that has joined a running sync; `root` a token and a
     * request, and no space.
     */
    const populate = async () => {
      const index = openIt();
      await fill(index, 'lab', 3);
      const [jm, lab] = [await index.catalogue.space('jm'), await index.catalogue.space('lab')];
      if (jm === null || lab === null) throw new Error('no spaces');
      const secrets = await Promise.all(['jm', 'root', 'lab'].map((user) => index.authority.issue(tokensOf(user))));
      const logIn = { user: 'jm', hash: 'c'.repeat(64), scopes: [], createdAt: NOW, expiresAt: NOW + 1_000 };
      await index.tokens.recordLogIn({ ...logIn, logInSpace: jm.id });
      for (const [spaceId, requestedBy] of [
        [jm.id, 'jm'],
        [lab.id, 'root'],
      ] as const) {
        await index.syncs.request({ spaceId, mode: 'full', trigger: 'request', requestedBy, targets: [] });
      }
      await index.syncs.claim({ owner: 'worker', leaseMs: 1_000, skip: [jm.id] });
      const joins = { mode: 'incremental', trigger: 'request', requestedBy: 'jm', targets: [] } as const;
      expect(await index.syncs.request({ ...joins, spaceId: lab.id })).toMatchObject({ status: 'IN_PROGRESS' });
      await index.close();
      return { jm, secrets: secrets.map(({ token }) => token) };
    };
    const forgetBoth = async (index: Index) => {
      await index.spaces.configure([{ user: 'lab', url: 'http://dav.test/lab/' }], 'rules', NOW);
      for (const user of ['jm', 'root']) expect(await index.forget(user)).not.toBeNull();
    };
    const rows = () => {
      const db = new Database(file, { readonly: true });
      const all = ['spaces', 'tokens', 'syncs', 'images', 'collections'].map((table) =>
        db.prepare(`SELECT * FROM ${table}`).all(),
      );
      db.close();
      return JSON.stringify(all);
    };

    it('keeps forgotten users forgotten: spaces, images, requests, tokens of all kinds, names', async () => {
      const { jm, secrets } = await populate();
      const target = backedUp();
      await since(forgetBoth);
      expect(indexFile().restore(target)).toMatchObject({ isNewerKept: true, isForgottenKept: true });
      expect(indexFile().check().findings).toEqual([]);
      expect(rows()).not.toMatch(/\b(jm|root)\b/);
      await since(async (index) => {
        expect((await index.tokens.list({ logIns: true })).map(({ user }) => user)).toEqual(['lab']);
        const known = await Promise.all(secrets.map((token) => index.authority.verify(token)));
        expect(known.map((found) => found !== null)).toEqual([false, false, true]);
        expect((await index.catalogue.space('lab'))?.images).toBe(3);
        await index.spaces.configure([{ user: 'jm', url: 'http://dav.test/jm/' }], 'rules', NOW);
        expect((await index.catalogue.space('jm'))?.images).toBe(0);
        expect((await index.catalogue.space('jm'))?.id).toBeGreaterThan(jm.id);
      });
    });

    it('keeps them so where a later user has the name, whose number nobody else is given', async () => {
      const { jm, secrets } = await populate();
      const target = backedUp();
      let later = 0;
      await since(async (index) => {
        await forgetBoth(index);
        await fill(index, 'jm', 2);
        later = (await index.catalogue.space('jm'))?.id ?? 0;
      });
      indexFile().restore(target);
      await since(async (index) => {
        await index.spaces.configure([{ user: 'jm', url: 'http://dav.test/jm/' }], 'rules', NOW);
        expect(await index.catalogue.space('jm')).toMatchObject({ id: later + 1, images: 0 });
        expect(later).toBeGreaterThan(jm.id);
        expect(await index.authority.verify(secrets[0] ?? '')).toBeNull();
      });
      expect(indexFile().check().findings).toEqual([]);
    });

    it('goes back to the replaced index with the spaces that the backup did not have', async () => {
      const target = backedUp();
      await since((index) => fill(index, 'lab', 3));
      const { replaced } = indexFile().restore(target);
      indexFile().restore(replaced ?? '');
      expect(await imagesOf('lab')).toBe(3);
    });

    it('keeps disabled tokens disabled, enabled ones enabled, and ended ones ended', async () => {
      const index = openIt();
      const issue = async () => (await index.authority.issue(tokensOf('jm'))).record.id;
      const [disabled, enabled, ended] = [await issue(), await issue(), await issue()];
      await index.tokens.setDisabled('jm', enabled, NOW);
      await index.close();
      const target = backedUp();
      await since(async (newer) => {
        await newer.tokens.setDisabled('jm', disabled, NOW + 1);
        await newer.tokens.setDisabled('jm', enabled, null);
        await newer.tokens.end('jm', ended, NOW + 2);
      });
      indexFile().restore(target);
      await since(async ({ tokens }) => {
        expect((await tokens.list()).map(({ disabledAt, revokedAt }) => [disabledAt, revokedAt])).toEqual([
          [NOW + 1, null],
          [null, null],
          [null, NOW + 2],
        ]);
      });
    });

    it('takes an index that was begun anew for no witness: whom it never knew it did not forget', async () => {
      const { secrets } = await populate();
      const target = backedUp();
      rmSync(file);
      const anew = openSqliteIndex(place(), { clock: () => NOW + 1 });
      await fill(anew, 'ops', 1);
      await anew.spaces.configure([], 'rules', NOW);
      await anew.forget('ops');
      await anew.close();
      expect(indexFile().restore(target)).toMatchObject({ isNewerKept: true, isForgottenKept: false });
      expect(await imagesOf('jm')).toBe(IMAGES);
      await since(async ({ authority }) => {
        const known = await Promise.all(secrets.map((token) => authority.verify(token)));
        expect(known.map((found) => found !== null)).toEqual([true, true, true]);
      });
    });
  });

  it('rehearses a migration on a copy, and leaves nothing of it', () => {
    const migrated = indexFile().rehearse();
    expect(migrated).toMatchObject({ applied: [], copy: null, findings: [] });
    expect(readdirSync(directory).filter((name) => name.includes('unfinished'))).toEqual([]);
    expect(indexFile().migrate()).toMatchObject({ applied: [], copy: null });
  });

  it('says that there is no index yet', () => {
    rmSync(file);
    for (const act of ['check', 'migrate', 'rehearse'] as const) {
      expect(() => indexFile()[act]()).toThrow(failing('not-found', /no index yet/));
    }
    expect(() => indexFile().backup(join(directory, 'copy.db'))).toThrow(failing('not-found', /no index yet/));
  });
});

function asTested(index: Index): IndexUnderTest {
  return { ...index, index: index.images, clock: { now: NOW }, close: async () => index.close() };
}

/** A user's space with so many images, synced to its end; other spaces stay configured. */
async function fill(index: Index, user: string, images: number): Promise<void> {
  const others = (await index.catalogue.listSpaces()).spaces.map((space) => ({ user: space.user, url: space.url }));
  await index.spaces.configure([...others, { user, url: `http://dav.test/${user}/` }], 'rules', NOW);
  const tested = asTested(index);
  const { lease } = await begin(tested, user);
  const names = Array.from({ length: images }, (_, i) => `machine ${i} of ${user}.ova`);
  await commit(tested, lease, listing('', names));
  await end(tested, lease);
}
