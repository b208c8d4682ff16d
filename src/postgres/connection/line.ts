import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { OpenLine } from './changes.js';
import { sessionOf } from './database.js';
import type { Admit } from './history-guard.js';

/** A database that stands still for a moment goes on with the same line; one that is cut off needs another. */
const ANSWERED_WITHIN_MS = 2_000;

/**
 * What a database has that was restored from a dump, or that has crashed: transactions that are yet to come, or none at
 * all, not even one that ended before.
 */
const PREPARE_SQL = `
  DELETE FROM written WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
  INSERT INTO written SELECT WHERE NOT EXISTS (SELECT FROM written)`;
const FIRST_SNAPSHOT_SQL = `SELECT pg_current_snapshot()::text AS snapshot, to_regclass('runs')::oid AS place`;
const BEAT_SQL = `SELECT snapshot, is_unknown, ends_tokens, to_regclass('runs')::oid AS place
  FROM written_since($1::pg_snapshot, $2, $3)`;
/** While the server waits, so that a commit shows within 20 ms, of which some are for the way. */
const LOOK_EVERY_MS = 15;

interface BeatRow {
  readonly snapshot: string;
  readonly is_unknown: boolean;
  /** null: nothing was written. */
  readonly ends_tokens: boolean | null;
  readonly place: number | null;
}

/**
 * Opens lines to the PostgreSQL server that is written, not to one that follows it, each a connection of its own, which
 * `admit` looks at first.
 */
export function createLines(config: ClientConfig, admit: Admit = async () => undefined): OpenLine {
  return async (onLost, signal) => {
    signal.throwIfAborted();
    const socket = new Socket();
    const client = new Client({
      ...config,
      stream: () => socket,
      connectionTimeoutMillis: ANSWERED_WITHIN_MS,
      query_timeout: ANSWERED_WITHIN_MS,
    });
    // A server takes a connection that is closed like this for one that has come to its end.
    const cutOff = () => void socket.destroy();
    client.on('error', onLost);
    client.on('end', onLost);
    signal.addEventListener('abort', cutOff, { once: true });
    let snapshot = '';
    /** The tables, which are other ones once a dump was restored. */
    let place: number | null = null;
    try {
      await client.connect();
      const ask = async (sql: string, values: readonly unknown[]) => {
        const { rows, rowCount } = await client.query<object>(sql, [...values]);
        return { rows, count: rowCount ?? 0 };
      };
      await admit(sessionOf(ask));
      await client.query(PREPARE_SQL);
      const { rows } = await client.query<{ snapshot: string; place: number | null }>(FIRST_SNAPSHOT_SQL);
      snapshot = rows[0]?.snapshot ?? '';
      place = rows[0]?.place ?? null;
    } catch (error) {
      cutOff();
      throw error;
    } finally {
      signal.removeEventListener('abort', cutOff);
    }
    return {
      async beat(waitMs) {
        const { rows } = await client.query<BeatRow>({
          name: 'ovadex_beat',
          text: BEAT_SQL,
          values: [snapshot, Math.floor(waitMs / LOOK_EVERY_MS), LOOK_EVERY_MS / 1_000],
        });
        const [row] = rows;
        if (row === undefined) throw new Error('a SELECT without FROM has one row');
        if (row.place !== place) throw new Error('the tables have been replaced');
        snapshot = row.snapshot;
        if (row.is_unknown || row.ends_tokens === true) return 'tokens ended';
        return row.ends_tokens === null ? 'nothing' : 'written';
      },
      end: cutOff,
    };
  };
}
