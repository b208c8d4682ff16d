import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIndexFile } from '../../../src/app/index-file.js';
import { openIndex } from '../../../src/app/open-index.js';
import { readMigrations } from '../../../src/platform/migrations.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { migrate } from '../../../src/sqlite/schema/migrate.js';
import { isThorough, someOf } from '../../support/thorough.js';
import { MIGRATIONS, MIGRATIONS_FOLDER } from '../temporary-index.js';

const NOW = Date.UTC(2030, 0, 1);
const LATEST = MIGRATIONS.length;
/** The first with tokens that can be disabled, and the first that counts images that wait to be read. */
const WITH_DISABLED = 9;
const WITH_WAITING = 19;
/** Each of them if thorough, otherwise some of the ends and both sides of what differs: each takes a tenth of a second. */
const SCHEMAS = Array.from({ length: LATEST }, (_, at) => at + 1).filter(
  (schema) =>
    isThorough ||
    [1, WITH_DISABLED - 1, WITH_DISABLED, WITH_WAITING - 1, WITH_WAITING, LATEST - 1, LATEST].includes(schema),
);

describe('a backup from before migrations', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ovadex-older-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const place = () => ({ data: { directory } });
  const indexFile = () => createIndexFile(place(), { clock: () => NOW });
  /** An index of that schema with two users, an image and a token of each. */
  const createOlder = (schema: number) => {
    const migrations = join(directory, 'older');
    mkdirSync(migrations);
    for (const name of MIGRATIONS.map(({ name }) => name).slice(0, schema)) {
      copyFileSync(join(fileURLToPath(MIGRATIONS_FOLDER), name), join(migrations, name));
    }
    const db = openDatabase(join(directory, 'ovadex.db'));
    migrate(db, readMigrations(migrations), { clock: () => NOW });
    for (const [at, user] of ['jm', 'lab'].entries()) {
      const id = at + 1;
      db.exec(`
        INSERT INTO spaces (id, user, url, added_at, images, collections) VALUES (${id}, '${user}', 'http://dav.test/', 1, 1, 1);
        INSERT INTO collections (id, space, path) VALUES (${id}, ${id}, '');
        INSERT INTO images (space, collection, path, name, name_key, created_at, updated_at)
          VALUES (${id}, ${id}, '${user}.ova', '${user}.ova', '${user}.ova', 1, 1);
        INSERT INTO tokens (user, hash, scopes, created_at) VALUES ('${user}', '${String(id).repeat(64)}', '[]', 1)`);
    }
    if (schema >= WITH_WAITING) db.exec('UPDATE spaces SET waiting_images = 1');
    db.close();
  };

  it.each(someOf(SCHEMAS, 3))('of schema %i brings back neither the forgotten nor what is disabled', async (schema) => {
    createOlder(schema);
    const backup = join(directory, 'copy.db');
    indexFile().backup(backup);
    const newer = await openIndex(place(), { clock: () => NOW });
    await newer.spaces.configure([{ user: 'lab', url: 'http://dav.test/' }], 'rules', NOW);
    await newer.forget('jm');
    await newer.tokens.setDisabled('lab', 2, NOW);
    await newer.close();

    expect(indexFile().restore(backup)).toMatchObject({ isNewerKept: true, isForgottenKept: true });
    expect(indexFile().check()).toMatchObject({ schema, findings: [] });
    const restored = await openIndex(place(), { clock: () => NOW });
    expect(await restored.catalogue.space('jm')).toBeNull();
    expect(await restored.departed()).toEqual([]);
    const hasDisabled = schema >= WITH_DISABLED;
    expect(await restored.tokens.list()).toMatchObject([
      { user: 'lab', disabledAt: hasDisabled ? NOW : null, revokedAt: hasDisabled ? null : NOW },
    ]);
    await restored.close();
    expect(indexFile().check().findings).toEqual([]);
  });
});
