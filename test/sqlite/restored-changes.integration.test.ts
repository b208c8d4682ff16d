import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { copyDatabase } from '../../src/sqlite/backup/copy.js';
import { restoreDatabase } from '../../src/sqlite/backup/restore.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { describeRestoredChanges, type RestorableIndex } from '../contract/image-changes.js';
import { makeSqliteIndex, portsOf } from './temporary-index.js';

async function makeRestorable(): Promise<RestorableIndex> {
  const first = await makeSqliteIndex();
  const { clock, file } = first;
  const copy = path.join(path.dirname(file), 'copy.db');
  let db = first.db;
  let ports = portsOf(db, () => clock.now);
  const own = {
    clock,
    async backUp() {
      rmSync(copy, { force: true });
      copyDatabase(file, copy);
    },
    async restore(how: 'command' | 'by hand') {
      db.close();
      if (how === 'command') restoreDatabase(copy, file, clock.now);
      else copyFileSync(copy, file);
      db = openDatabase(file);
      ports = portsOf(db, () => clock.now);
    },
    async close() {
      db.close();
      await first.close();
    },
  };
  // The ports of whichever file is there.
  const get = (target: typeof own, key: string | symbol) => Reflect.get(key in target ? target : ports, key) as unknown;
  return new Proxy(own, { get }) as RestorableIndex;
}

describeRestoredChanges('SQLite', makeRestorable);
