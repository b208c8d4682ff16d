import { hostname } from 'node:os';
import type { Config } from '../../config/schema.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import type { AuditLog } from '../../domain/ports/audit-log.js';

/** As in all examples, and of the Debian package. */
const USUAL_DIRECTORY = '/var/lib/ovadex';

/** Returns the name of a daemon among those of its database: its host's, and where it isn't the usual one its data directory. */
export function nameOfHost({ data: { directory } }: Pick<Config, 'data'>): string {
  return directory === USUAL_DIRECTORY ? hostname() : `${hostname()}:${directory}`;
}

/** Returns what keeps entries of this host where all hosts' are; null if there is no such place. */
export function keepAudit(config: Pick<Config, 'data'>, log: AuditLog | null) {
  const name = nameOfHost(config);
  return log === null ? null : (entry: AuditEntry) => log.add(name, entry);
}
