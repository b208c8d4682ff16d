import type { HealthJson } from '../../../src/wire/daemon.js';

/** What the API tells of a daemon that is well. */
export const HEALTH = {
  as_of: '2026-11-24T12:00:00.000Z',
  ...{ version: '1.4.0', node: '20.20.0', sqlite: '3.50.4' },
  ...{ started_on: '2026-11-23T12:00:00.000Z', uptime_seconds: 86_400 },
  checks: [
    { name: 'serving', ok: true, required: true, detail: null },
    { name: 'crawler', ok: true, required: false, detail: null },
  ],
  database: {
    file: '/var/lib/ovadex/ovadex.db',
    engine: 'SQLite 3.50.4',
    size: 1_048_576,
    wal_size: 4_096,
    free_size: 8_192,
    schema: 23,
  },
  backups: { directory: '/var/lib/ovadex/backups', keep: 3, running: null, last_failure: null, copies: [] },
  configuration: {
    ...{ file: '/etc/ovadex/ovadex.yaml', text: 'server:\n  listen: 127.0.0.1:8080\n', spaces_left_out: 0 },
    ...{ warnings: [], waits_for_restart: [], refused: null, pending: null },
  },
  cluster: [],
  findings: [],
} satisfies HealthJson as HealthJson;

/** A copy of the index. */
export const COPY: HealthJson['backups']['copies'][number] = {
  ...{ name: 'ovadex-20261124T100000000Z.db', size: 1_048_576, made_on: '2026-11-24T10:00:00.000Z', schema: 23 },
  ...{ before_migration: false, valid: true, problem: null },
};
