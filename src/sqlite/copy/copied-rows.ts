import type { Database, Statement } from 'better-sqlite3';
import {
  type Column,
  type CopiedRow,
  type IndexTable,
  type Key,
  NUMBERED_TABLES,
} from '../../domain/copy/index-tables.js';
import type { CopiedRows, RowRange } from '../../domain/ports/index-copy.js';
import { attempt } from '../file/run-query.js';

/** Reads an index as rows to copy. */
export function createCopiedRows(db: Database): CopiedRows {
  const statements = new Map<string, Statement<unknown[], unknown[]>>();
  const read = (table: IndexTable, columns: readonly Column[], { after, upTo, atMost = -1 }: RowRange): unknown[][] => {
    const sql = selectSql(table, columns, after !== null, upTo !== null);
    const statement = statements.get(sql) ?? db.prepare<unknown[], unknown[]>(sql).raw();
    statements.set(sql, statement);
    return statement.all(...(after ?? []), ...(upTo ?? []), atMost);
  };
  return {
    rows: (table, range) =>
      attempt(() => read(table, table.columns, range).map((row) => row.map((cell, i) => copied(table, i, cell)))),
    keys: (table, range) => attempt(() => read(table, table.columns.slice(0, table.keyLength), range) as Key[]),
    marks: () =>
      attempt(() => ({
        lastIds: Object.fromEntries(NUMBERED_TABLES.map(([table, column]) => [table, lastIdOf(db, table, column)])),
        messagesBegun: db.prepare<[], number>('SELECT begun FROM webhook_messages').pluck().get() ?? 0,
      })),
  };
}

/** "user" is a word of SQL in PostgreSQL alone. */
export function nameOf({ name }: Column): string {
  return name === 'user_name' ? 'user' : name;
}

function selectSql(table: IndexTable, columns: readonly Column[], hasAfter: boolean, hasUpTo: boolean): string {
  const key = table.columns.slice(0, table.keyLength);
  const names = `(${key.map(nameOf).join(', ')})`;
  const values = `(${key.map(() => '?').join(', ')})`;
  const conditions = [...(hasAfter ? [`${names} > ${values}`] : []), ...(hasUpTo ? [`${names} <= ${values}`] : [])];
  return `SELECT ${columns.map(expressionOf).join(', ')} FROM ${table.name}
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
    ORDER BY ${key.map(nameOf).join(', ')} LIMIT ?`;
}

function expressionOf(column: Column): string {
  return column.kind === 'bytes' ? `lower(hex(${nameOf(column)}))` : nameOf(column);
}

function copied({ columns }: IndexTable, index: number, cell: unknown): CopiedRow[number] {
  if (columns[index]?.kind === 'boolean') return cell === 1;
  return cell as CopiedRow[number];
}

/** A table that gives ids again has no memory of those that are gone. */
function lastIdOf(db: Database, table: string, column: string): number {
  const given = db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(table) ?? 0;
  return Math.max(given, db.prepare<[], number>(`SELECT max(${column}) FROM ${table}`).pluck().get() ?? 0);
}
