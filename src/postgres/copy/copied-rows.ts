import {
  type Cell,
  type Column,
  type CopiedRow,
  type IndexTable,
  type Key,
  NUMBERED_TABLES,
} from '../../domain/copy/index-tables.js';
import type { CopiedRows, RowRange } from '../../domain/ports/index-copy.js';
import type { Session } from '../connection/database.js';

type Row = Readonly<Record<string, Cell>>;

/** Reads an index as rows to copy. */
export function createCopiedRows(session: Session): CopiedRows {
  const read = async (table: IndexTable, columns: readonly Column[], range: RowRange): Promise<CopiedRow[]> => {
    const { sql, values } = selectOf(table, columns, range);
    const rows = await session.rows<Row>(sql, values);
    return rows.map((row) => columns.map(({ name }) => row[name] ?? null));
  };
  return {
    rows: (table, range) => read(table, table.columns, range),
    keys: (table, range): Promise<readonly Key[]> => read(table, table.columns.slice(0, table.keyLength), range),
    async marks() {
      const lastIds: Record<string, number> = {};
      for (const [table, column] of NUMBERED_TABLES) lastIds[table] = await lastIdOf(session, table, column);
      const messages = await session.row<{ begun: number }>('SELECT begun FROM webhook_messages');
      return { lastIds, messagesBegun: messages?.begun ?? 0 };
    },
  };
}

function selectOf(
  table: IndexTable,
  columns: readonly Column[],
  { after, upTo, atMost }: RowRange,
): { sql: string; values: readonly unknown[] } {
  const key = table.columns.slice(0, table.keyLength).map(({ name }) => name);
  const values: unknown[] = [];
  const placed = (all: readonly unknown[]) => all.map((value) => `$${values.push(value)}`).join(', ');
  const conditions = [
    ...(after === null ? [] : [`(${key.join(', ')}) > (${placed(after)})`]),
    ...(upTo === null ? [] : [`(${key.join(', ')}) <= (${placed(upTo)})`]),
  ];
  const sql = `SELECT ${columns.map(expressionOf).join(', ')} FROM ${table.name}
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY ${key.join(', ')}
    ${atMost === undefined ? '' : `LIMIT ${placed([atMost])}`}`;
  return { sql, values };
}

function expressionOf({ name, kind }: Column): string {
  if (kind === 'json') return `${name}::text AS ${name}`;
  return kind === 'bytes' ? `encode(${name}, 'hex') AS ${name}` : name;
}

async function lastIdOf(session: Session, table: string, column: string): Promise<number> {
  const given = await session.row<{ last: number }>(
    `SELECT greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)), 0),
       coalesce((SELECT max(${column}) FROM ${table}), 0)) AS last`,
    [table, column],
  );
  return given?.last ?? 0;
}
