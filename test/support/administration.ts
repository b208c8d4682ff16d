import type { DaemonHealth } from '../../src/domain/diagnosis/daemon-health.js';
import type { Administration } from '../../src/domain/ports/administration.js';

export const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);

/** A daemon that is well. */
export const HEALTH: DaemonHealth = {
  at: Date.UTC(2026, 10, 24, 12, 0, 0),
  version: '1.2.3',
  node: '20.20.0',
  startedAt: STARTED_AT,
  checks: [{ name: 'index', ok: true, required: true, detail: null }],
  database: {
    ...{ file: '/var/lib/ovadex/ovadex.db', engine: 'SQLite 3.50.4', schema: 23 },
    ...{ sizeBytes: 1_048_576, logBytes: 4_096, freeBytes: 8_192 },
  },
  backups: { directory: '/var/lib/ovadex/backups', keep: 3, copies: [], running: null, lastFailure: null },
  configuration: {
    ...{ file: '/etc/ovadex/ovadex.yaml', text: 'server:\n  listen: 127.0.0.1:8080\n', spacesLeftOut: 0 },
    ...{ warnings: [], waitsForRestart: [], refused: null, pending: null },
  },
  cluster: [],
  findings: [],
};

/** What administrators are told and may do, unless it is given. */
export function fakeAdministration(given: Pick<Administration, 'overview'> & Partial<Administration>): Administration {
  return {
    health: async () => HEALTH,
    auditTrail: async () => [],
    backUp: async () => ({ state: 'done', name: 'ovadex-20261124T120000000Z.db', startedAt: HEALTH.at, sizeBytes: 8 }),
    reload: async () => ({ state: 'applied', changed: [], waitsForRestart: [], warnings: [], reason: null }),
    ...given,
  };
}
