// A process of its own for tests: opens and migrates the indexes `argv[4]` and following
// with the migrations `argv[2]`, each at the same moment as the other of `argv[3]` processes.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readMigrations } from '../../src/platform/migrations.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { migrate } from '../../src/sqlite/schema/migrate.js';

const [, , migrations = '', processes, ...files] = process.argv;
for (const file of files) {
  const directory = path.dirname(file);
  writeFileSync(`${file}.ready-${process.pid}`, '');
  // Spinning, since waking up would spread the starts.
  while (readdirSync(directory).filter((name) => name.includes('.ready-')).length < Number(processes));
  const db = openDatabase(file);
  migrate(db, readMigrations(migrations));
  db.close();
}
