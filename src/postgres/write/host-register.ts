import type { HostRecord } from '../../domain/diagnosis/host-differences.js';
import { writtenByNewer } from '../../domain/model/migration.js';
import type { HostRegister } from '../../domain/ports/host-register.js';
import type { Database } from '../connection/database.js';
import { storableJson } from '../connection/storable.js';

/** Long enough for a host that is down to be looked into. */
const KEPT_FOR_MS = 24 * 60 * 60_000;

const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
const NOTE_SQL = `INSERT INTO hosts (name, roles, version, started_at, fingerprints, seen_at)
    VALUES ($1, $2, $3, $4, $5, ${NOW})
  ON CONFLICT (name) DO UPDATE SET roles = EXCLUDED.roles, version = EXCLUDED.version, started_at = EXCLUDED.started_at,
    fingerprints = EXCLUDED.fingerprints, seen_at = EXCLUDED.seen_at`;
const SCHEMA_SQL = 'SELECT max(number) AS version FROM migrations';
const LIST_SQL = `SELECT name, roles, version, started_at AS "startedAt", fingerprints, seen_at AS "seenAt",
    ${NOW} - seen_at AS "silentMs",
    EXISTS (SELECT FROM leadership WHERE until > ${NOW} AND substr(holder, strpos(holder, ' ') + 1) = hosts.name) AS leads
  FROM hosts ORDER BY name`;

/**
 * Creates the register of the hosts of a database, for a program that knows so many steps of its schema. Rejects with OvadexError
 * `index`.
 */
export function createHostRegister(db: Database, known: number): HostRegister {
  return {
    async note({ name, roles, version, startedAt, fingerprints }) {
      const schema = await db.row<{ version: number | null }>(SCHEMA_SQL);
      if ((schema?.version ?? 0) > known) throw writtenByNewer(schema?.version ?? 0, known);
      await db.run(NOTE_SQL, [name, storableJson(roles), version, startedAt, storableJson(fingerprints)]);
      await db.run(`DELETE FROM hosts WHERE seen_at < ${NOW} - $1`, [KEPT_FOR_MS]);
    },
    async leave(name) {
      await db.run('DELETE FROM hosts WHERE name = $1', [name]);
    },
    list: () => db.rows<HostRecord>(LIST_SQL),
  };
}
