import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { createIndexFile } from '../../src/app/index-file.js';
import { openIndex } from '../../src/app/open-index.js';
import { readMigrations } from '../../src/platform/migrations.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { migrate } from '../../src/sqlite/schema/migrate.js';
import { configure } from '../contract/index-under-test.js';
import { type Chance, createChance } from '../soak/chance.js';
import { MIGRATIONS_FOLDER } from '../sqlite/temporary-index.js';
import { installOvadex } from '../support/process/ovadex.js';
import { overhear } from '../support/secrets.js';
import { isThorough } from '../support/thorough.js';
import { killServing } from './serving.js';

/** Of each of the three, which run side by side: more are for `npm run test:kills`. */
const KILLS = isThorough ? 12 : 4;
const SERVING_KILLS = isThorough ? 4 : 2;
const WITHIN = 240_000;
const SEED = Math.floor(Math.random() * 2 ** 31);
const OLD_SCHEMA = 3;
const IMAGES = 20_000;
const COMMIT_CHILD = fileURLToPath(new URL('./commit-child.ts', import.meta.url));

/** A process that is ended by SIGKILL after so long, unless it ends before. */
async function killed(args: readonly string[], afterMs: number): Promise<{ code: number | null; out: string }> {
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  overhear(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  }
  const closed = once(child, 'close');
  await Promise.race([delay(afterMs), closed]);
  child.kill('SIGKILL');
  const [code] = (await closed) as [number | null];
  return { code, out };
}

async function lifetimeOf(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const { code, out } = await killed(args, WITHIN);
  expect(out === '' ? code : out).not.toBeNull();
  return performance.now() - startedAt;
}

/** An installation whose data directory nobody has written to. */
async function install({ onTestFinished }: TestContext) {
  const ovadex = await installOvadex();
  onTestFinished(ovadex.remove);
  ovadex.configure({ spaces: [] });
  const directory = join(dirname(ovadex.configFile), 'data');
  mkdirSync(directory);
  const file = createIndexFile({ data: { directory } });
  const soundly = (copy?: string) => {
    const checked = file.check(copy);
    expect(checked.findings, `seed ${SEED}`).toEqual([]);
    return checked;
  };
  return { ovadex, directory, file, soundly };
}

/** An index of the schema before there was a search index, with many images. */
function makeOldIndex({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-old-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const migrations = join(folder, 'migrations');
  cpSync(MIGRATIONS_FOLDER, migrations, { recursive: true });
  for (const name of readdirSync(migrations)) if (Number(name.slice(0, 4)) > OLD_SCHEMA) rmSync(join(migrations, name));
  const file = join(folder, 'old.db');
  const db = openDatabase(file);
  migrate(db, readMigrations(migrations));
  db.exec(`
    INSERT INTO spaces (id, user, url, added_at, images, collections) VALUES (1, 'jm', 'http://dav.test/', 0, ${IMAGES}, 1);
    INSERT INTO collections (id, space, path) VALUES (1, 1, '');
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${IMAGES})
    INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at)
      SELECT 1, 1, 'machine ' || i, 'machine ' || i, 'machine ' || i, 0, 0 FROM n`);
  db.close();
  return file;
}

/** So that each kill finds it in another place, the first one well before its end and others a little beyond, too. */
const moment = (chance: Chance, n: number, lifetimeMs: number) => (n === 0 ? 0.5 : 1.1) * chance.random() * lifetimeMs;

describe.concurrent('a process that is killed', () => {
  it('in a migration leaves the old index or the new one, and a copy that is whole or none', {
    timeout: WITHIN,
  }, async (context) => {
    const { ovadex, directory, file, soundly } = await install(context);
    const chance = createChance(SEED);
    const old = makeOldIndex(context);
    const start = () => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      copyFileSync(old, file.file);
    };
    start();
    const lifetime = await lifetimeOf(ovadex.argv('db', 'migrate'));
    expect(soundly().schema).toBe(soundly().newestSchema);
    start();
    const seen = new Set<number | null>();
    for (let n = 0; n < KILLS; n++) {
      await killed(ovadex.argv('db', 'migrate'), moment(chance, n, lifetime));
      const { schema, newestSchema, images } = soundly();
      expect([OLD_SCHEMA, newestSchema]).toContain(schema);
      seen.add(schema);
      expect(images).toBe(IMAGES);
      const backups = join(directory, 'backups');
      const copies = existsSync(backups) ? readdirSync(backups).filter((name) => name.endsWith('.db')) : [];
      for (const name of copies) expect(soundly(join(backups, name))).toMatchObject({ images: IMAGES });
      if (schema !== OLD_SCHEMA) expect(copies.some((name) => name.includes(`schema-${OLD_SCHEMA}`))).toBe(true);
      if (schema === newestSchema) start();
    }
    await lifetimeOf(ovadex.argv('db', 'migrate'));
    expect(soundly().images).toBe(IMAGES);
    expect(soundly().schema).toBe(soundly().newestSchema);
    expect(seen.has(OLD_SCHEMA), `no kill came before the end, seed ${SEED}`).toBe(true);
  });

  it('in a backup leaves a whole one under its name, or none', { timeout: WITHIN }, async (context) => {
    const { ovadex, directory, file, soundly } = await install(context);
    const chance = createChance(SEED + 1);
    copyFileSync(makeOldIndex(context), file.file);
    file.migrate();
    const copy = join(directory, 'copy.db');
    const lifetime = await lifetimeOf(ovadex.argv('db', 'backup', copy));
    let whole = 0;
    for (let n = 0; n < KILLS; n++) {
      rmSync(copy, { force: true });
      await killed(ovadex.argv('db', 'backup', copy), moment(chance, n, lifetime));
      if (!existsSync(copy)) continue;
      whole++;
      expect(soundly(copy).images).toBe(IMAGES);
    }
    expect(whole).toBeLessThan(KILLS);
    rmSync(copy, { force: true });
    expect((await killed(ovadex.argv('db', 'backup', copy), WITHIN)).code).toBe(0);
    expect(soundly().images).toBe(IMAGES);
  });

  it('while it serves, tells a webhook, and others look at its index, back it up and try to restore it, loses nothing', {
    timeout: WITHIN,
  }, async () => {
    const { kills, checks, looks, messages, changes } = await killServing({ times: SERVING_KILLS, seed: SEED });
    expect([kills, checks > 0, looks > 0]).toEqual([SERVING_KILLS, true, true]);
    expect([messages > 0, changes > 0]).toEqual([true, true]);
  });

  it('in a commit or in the maintenance loses nothing that stood', { timeout: WITHIN }, async (context) => {
    const { directory, soundly } = await install(context);
    const chance = createChance(SEED + 2);
    const index = await openIndex({ data: { directory } });
    await configure({ ...index, index: index.images, clock: { now: 0 }, close: async () => undefined }, 'jm');
    await index.close();
    let last = 0;
    for (let n = 0; n < KILLS; n++) {
      const child = spawn(process.execPath, ['--import', 'tsx', COMMIT_CHILD, directory, `${last + 1}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const closed = once(child, 'close');
      let out = '';
      const begun = new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          out += text;
          resolve();
        });
      });
      await Promise.race([begun, closed]);
      await delay(chance.int(0, 300));
      child.kill('SIGKILL');
      const [code] = (await closed) as [number | null];
      expect(code, out).toBeNull();
      last = Number(out.trim().split('\n').at(-1));
      soundly();
      const reader = await openIndex({ data: { directory } }, { readonly: true });
      const list = await reader.catalogue.images('jm', { nameContains: [`of ${last}.ova`], sort: [] });
      await reader.close();
      expect(list?.images.length, `commit ${last}, seed ${SEED}`).toBe(300);
    }
    expect(last).toBeGreaterThan(KILLS);
  });
});
