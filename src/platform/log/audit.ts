import { join } from 'node:path';
import type { Audit, AuditEntry } from '../../domain/model/audit.js';
import type { Clock } from '../../domain/ports/clock.js';
import { oneLine, toJson } from '../../domain/text/printable.js';
import { appendOwn } from '../own-file.js';

/** Room for some 50,000 entries. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Years of what people do; for a program that keeps trying, more than a night's worth. */
export const AUDIT_FILES = 8;
export const AUDIT_FILE = 'audit.log';
/** The beginning of a longer value is enough to recognise it, and long values must not push out earlier entries. */
const LONGEST_VALUE = 100;

interface AuditLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

/**
 * Writes JSON lines to `audit.log` in the data directory, for the daemon and the command line alike; a line is on disk
 * before the act is answered. It is a file rather than a table so that it survives the restore of an older index and
 * the deletion of a user. `keep` has the entry kept elsewhere as well: neither is left out because the other fails.
 */
export function createAudit(
  directory: string,
  {
    clock,
    log,
    keep = null,
  }: {
    readonly clock: Clock;
    readonly log: AuditLog;
    readonly keep?: ((entry: AuditEntry) => Promise<void>) | null;
  },
): Audit {
  const file = join(directory, AUDIT_FILE);
  return async (entry) => {
    const told = shortened(entry);
    log.info({ audit: true, ...told }, 'audit');
    try {
      const line = toJson({ time: new Date(clock()).toISOString(), audit: true, ...told });
      appendOwn(file, `${line}\n`, { maxBytes: MAX_BYTES, keptFiles: AUDIT_FILES });
    } catch (err) {
      log.error({ err, audit: true, ...told }, 'could not write the audit log');
    }
    try {
      await keep?.(told);
    } catch (err) {
      log.error({ err, audit: true, ...told }, 'could not write the audit log of all hosts');
    }
  };
}

function shortened({ act, by, from, details, outcome }: AuditEntry): AuditEntry {
  const [shortBy, shortFrom] = [by, from].map(shorten);
  const facts = Object.entries(details).map(([name, value]) => [
    name,
    typeof value === 'string' ? shorten(value) : value,
  ]);
  return {
    act,
    by: shortBy ?? '',
    from: shortFrom ?? '',
    details: Object.fromEntries(facts),
    outcome: shorten(outcome),
  };
}

function shorten(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${oneLine(text, LONGEST_VALUE)} (${text.length} characters)`;
}
