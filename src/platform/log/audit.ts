import { join } from 'node:path';
import type { Audit, AuditEntry } from '../../domain/model/audit.js';
import type { Clock } from '../../domain/ports.js';
import { oneLine, toJson } from '../../domain/text/printable.js';
import { appendOwn } from '../own-file.js';

/** Some 50,000 acts. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Years of acts of people; of a program that tries without end, more than it gets answered in a night. */
const KEPT_FILES = 8;
const FILE = 'audit.log';
/** A longer value is known by its beginning, and nobody flushes out what was before by long ones. */
const LONGEST_VALUE = 100;

interface AuditLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

/**
 * Keeps acts as JSON lines in the data directory's `audit.log`, for the daemon and the command line alike: a line is
 * on the disk before the act is answered. A file, not a table: it tells of what was done also when an older copy of
 * the index is restored, and nobody clears it by forgetting a user.
 */
export function createAudit(
  directory: string,
  { clock, log }: { readonly clock: Clock; readonly log: AuditLog },
): Audit {
  const file = join(directory, FILE);
  return (entry) => {
    const told = shortened(entry);
    log.info({ audit: true, ...told }, 'audit');
    try {
      const line = toJson({ time: new Date(clock()).toISOString(), audit: true, ...told });
      appendOwn(file, `${line}\n`, { maxBytes: MAX_BYTES, keptFiles: KEPT_FILES });
    } catch (err) {
      log.error({ err, audit: true, ...told }, 'an act could not be taken down');
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
