import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listBackups } from '../../../src/sqlite/backup/backups.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { runModule } from '../child-process.js';
import { MIGRATIONS, MIGRATIONS_FOLDER, temporaryDirectory } from '../temporary-index.js';

const latest = MIGRATIONS.length;

it('lets processes that start together create and migrate one index', async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const migrations = path.join(directory.path, 'migrations');
  cpSync(MIGRATIONS_FOLDER, migrations, { recursive: true });
  const folders = Array.from({ length: 20 }, (_, i) => path.join(directory.path, `${i}`));
  const files = folders.map((folder) => path.join(folder, 'index.db'));
  for (const folder of folders) mkdirSync(folder);
  const openTogether = async () => {
    await Promise.all([1, 2, 3].map(() => runModule('open-index.ts', migrations, '3', ...files)));
    for (const folder of folders)
      for (const name of readdirSync(folder)) {
        if (name.includes('.ready-')) rmSync(path.join(folder, name));
      }
  };
  await openTogether();
  const next = `${String(latest + 1).padStart(4, '0')}-next.sql`;
  writeFileSync(path.join(migrations, next), 'CREATE TABLE later (a INTEGER) STRICT;');
  await openTogether();
  for (const file of files) {
    const db = openDatabase(file, { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(latest + 1);
    db.close();
  }
  for (const folder of folders)
    expect(listBackups(path.join(folder, 'backups')).map(({ name }) => name)).toEqual([
      expect.stringMatching(`-schema-${latest}.db$`),
    ]);
});
