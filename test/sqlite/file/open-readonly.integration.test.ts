import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openReadonly } from '../../../src/sqlite/file/open-readonly.js';

/** A database as a process leaves it that is killed in the middle of a long transaction without a write-ahead log. */
function leaveHalfDone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-half-done-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [whole, left] = [join(folder, 'whole.db'), join(folder, 'left.db')];
  const db = new Database(whole);
  db.exec(
    `CREATE TABLE names (name TEXT); INSERT INTO names VALUES (printf('%.2000c', 'x')), (printf('%.9000c', 'y'))`,
  );
  // So that pages reach the file, and the journal the disk, before the end.
  db.pragma('cache_size = 1');
  db.exec(`BEGIN; UPDATE names SET name = 'never';
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO names SELECT printf('%.1000c', 'z') FROM n`);
  copyFileSync(whole, left);
  copyFileSync(`${whole}-journal`, `${left}-journal`);
  db.exec('ROLLBACK');
  db.close();
  return left;
}

describe('a database that is opened for reading', () => {
  it('shows what it held before a process was killed in the middle of changing it', () => {
    const file = leaveHalfDone();
    const unaided = new Database(file, { readonly: true });
    expect(() => unaided.prepare('SELECT count(*) FROM names').get()).toThrow(
      expect.objectContaining({ code: 'SQLITE_READONLY_ROLLBACK' }),
    );
    unaided.close();
    const db = openReadonly(file, { timeoutMs: 0 });
    expect(db.prepare('SELECT length(name) FROM names').pluck().all()).toEqual([2_000, 9_000]);
    expect(db.readonly).toBe(true);
    db.close();
    expect(existsSync(`${file}-journal`)).toBe(false);
  });

  it('is not made', () => {
    const file = join(tmpdir(), 'ovadex-no-such-file.db');
    expect(() => openReadonly(file, { timeoutMs: 0 })).toThrow(Database.SqliteError);
    expect(existsSync(file)).toBe(false);
  });
});
