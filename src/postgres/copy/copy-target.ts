import { COPY_BEGIN, placeFromText, placeToText } from '../../domain/copy/copy-place.js';
import {
  type Cell,
  type Column,
  type ColumnKind,
  INDEX_TABLES,
  type IndexTable,
  type Key,
  NUMBERED_TABLES,
  tableNamed,
} from '../../domain/copy/index-tables.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { CopyTarget, RowChanges } from '../../domain/ports/index-copy.js';
import type { Database, Session } from '../connection/database.js';
import { storable, storableJson } from '../connection/storable.js';
import { COPY_PROGRESS, isBeingCopied, lockSchema } from '../schema/migrate.js';
import { createCopiedRows } from './copied-rows.js';

/** How values come in and what is stored of them. */
const TYPES: Readonly<Record<ColumnKind, { readonly given: string; readonly stored: (name: string) => string }>> = {
  integer: { given: 'bigint', stored: (name) => name },
  real: { given: 'double precision', stored: (name) => name },
  text: { given: 'text', stored: (name) => name },
  boolean: { given: 'boolean', stored: (name) => name },
  json: { given: 'text', stored: (name) => `${name}::json` },
  bytes: { given: 'text', stored: (name) => `decode(${name}, 'hex')` },
  quantity: { given: 'numeric', stored: (name) => name },
};

/** JSON that has texts which can't be stored: NUL, or half a character. */
const UNSTORABLE_JSON = /\\u(?:0000|d[89a-f])/i;

/**
 * Makes the target of a copy of a database whose schema is up to date; `name` is for people. Daemons
 * don't open it until the copy is finished.
 */
export function createCopyTarget(db: Database, name: string): CopyTarget {
  return {
    ...createCopiedRows(db),
    name,
    fit: ({ columns }, row) => row.map((cell, i) => fitCell(cell, columns[i]?.kind)),
    begin: (stamp) =>
      db.write(async (session) => {
        await lockSchema(session);
        if (!(await isBeingCopied(session))) {
          await requireEmpty(session, name);
          await session.run(`CREATE TABLE ${COPY_PROGRESS} (stamp text NOT NULL, place text NOT NULL)`);
        }
        const known = await session.row<{ stamp: string; place: string }>(`SELECT stamp, place FROM ${COPY_PROGRESS}`);
        if (known?.stamp === stamp) return placeFromText(known.place);
        await session.run(`DELETE FROM ${COPY_PROGRESS}`);
        await session.run(`INSERT INTO ${COPY_PROGRESS} VALUES ($1, $2)`, [stamp, placeToText(COPY_BEGIN)]);
        return COPY_BEGIN;
      }),
    move: (from, to, changes) =>
      db.write(async (session) => {
        const moved = await session.run(`UPDATE ${COPY_PROGRESS} SET place = $2 WHERE place = $1`, [
          placeToText(from),
          placeToText(to),
        ]);
        if (moved === 0) throw new OvadexError('conflict', `${name}: another copy into this database is under way`);
        if (changes !== undefined && from.table !== null) await change(session, tableNamed(from.table), changes);
      }),
    async finish({ lastIds, messagesBegun }, now) {
      await db.write(async (session) => {
        for (const [table, column] of NUMBERED_TABLES) {
          const last = lastIds[table] ?? 0;
          if (last > 0) await session.run('SELECT setval(pg_get_serial_sequence($1, $2), $3)', [table, column, last]);
        }
        await session.run('UPDATE webhook_messages SET begun = $1', [messagesBegun]);
        await session.run(LEASES_SQL);
        // Of a daemon that was killed: commits may be missing that readers have seen.
        await session.run('DELETE FROM runs WHERE EXISTS (SELECT FROM runs AS last WHERE last.ended_at IS NULL)');
        await session.run(
          "INSERT INTO runs (key, began_at) VALUES (left(replace(gen_random_uuid()::text, '-', ''), 12), $1)",
          [now],
        );
        await session.run(`DROP TABLE ${COPY_PROGRESS}`);
      });
      // Questions are planned by what the server knows of the rows, which it would learn by itself within minutes.
      await db.run('ANALYZE');
    },
    close: async () => undefined,
  };
}

/** Here the leases tell which syncs are to be resumed; in a file their status does. */
const LEASES_SQL = `UPDATE spaces SET lease_owner = '', lease_sync = behind.id, lease_until = 0
  FROM (SELECT space, max(id) AS id FROM syncs WHERE ended_at IS NULL AND started_at IS NOT NULL GROUP BY space) AS behind
  WHERE spaces.id = behind.space AND lease_owner IS NULL`;

function fitCell(cell: Cell, kind: ColumnKind | undefined): Cell {
  if (typeof cell !== 'string') return cell;
  if (kind === 'text') return storable(cell);
  return kind === 'json' && UNSTORABLE_JSON.test(cell) ? storableJson(JSON.parse(cell)) : cell;
}

async function requireEmpty(session: Session, name: string): Promise<void> {
  // A run begins with the schema, before there is anything else.
  const filled = INDEX_TABLES.filter((table) => table.name !== 'runs')
    .map((table) => `EXISTS (SELECT FROM ${table.name})`)
    .join(' OR ');
  const found = await session.row<{ is: boolean }>(`SELECT ${filled} AS is`);
  if (found?.is === true) throw new OvadexError('conflict', `${name}: there is an index already; it stays as it is`);
}

async function change(session: Session, table: IndexTable, { remove, put }: RowChanges): Promise<void> {
  const key = table.columns.slice(0, table.keyLength);
  if (remove.length > 0) {
    const isSame = key.map(({ name }) => `${table.name}.${name} = gone.${name}`).join(' AND ');
    await session.run(
      `DELETE FROM ${table.name} USING ${unnested(key)} AS gone (${namesOf(key)}) WHERE ${isSame}`,
      columnsOf(key, remove),
    );
  }
  if (put.length === 0) return;
  const stored = table.columns.map(({ name, kind }) => TYPES[kind].stored(name));
  const updates = table.columns.slice(table.keyLength).map(({ name }) => `${name} = excluded.${name}`);
  await session.run(
    `INSERT INTO ${table.name} (${namesOf(table.columns)}) SELECT ${stored.join(', ')}
     FROM ${unnested(table.columns)} AS put (${namesOf(table.columns)})
     ON CONFLICT (${namesOf(key)}) DO UPDATE SET ${updates.join(', ')}`,
    columnsOf(table.columns, put),
  );
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function unnested(columns: readonly Column[]): string {
  return `unnest(${columns.map(({ kind }, i) => `$${i + 1}::${TYPES[kind].given}[]`).join(', ')})`;
}

/** The values of rows by columns: one statement, with one array a column, writes them all. */
function columnsOf(columns: readonly Column[], rows: readonly Key[]): readonly Cell[][] {
  return columns.map((_, i) => rows.map((row) => row[i] ?? null));
}
