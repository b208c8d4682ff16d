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
  return {
    get catalogue() {
      return ports.catalogue;
    },
    get index() {
      return ports.index;
    },
    get maintenance() {
      return ports.maintenance;
    },
    get spaces() {
      return ports.spaces;
    },
    get syncs() {
      return ports.syncs;
    },
    get runs() {
      return ports.runs;
    },
    changes: ports.changes,
    tokens: ports.tokens,
    links: ports.links,
    descriptions: ports.descriptions,
    clock,
    async backUp() {
      rmSync(copy, { force: true });
      copyDatabase(file, copy);
    },
    async restore(how) {
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
}

describeRestoredChanges('SQLite', makeRestorable);
