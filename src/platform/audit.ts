import { closeSync, fsyncSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit } from '../domain/audit.js';
import type { Clock } from '../domain/ports.js';
import { toJson } from '../domain/printable.js';

/** Some 50,000 acts, years of them; one such file is kept beside the current one. */
const MAX_BYTES = 16 * 1024 * 1024;
const FILE = 'audit.log';

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
    const line = { time: new Date(clock()).toISOString(), audit: true, ...entry };
    log.info({ audit: true, ...entry }, 'audit');
    try {
      append(file, `${toJson(line)}\n`);
    } catch (err) {
      log.error({ err, audit: true, ...entry }, 'an act could not be taken down');
    }
  };
}

function append(file: string, line: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(file, `${file}.1`);
  // Appending is one step for the kernel: lines of two processes don't mix.
  const descriptor = openSync(file, 'a', 0o600);
  try {
    writeSync(descriptor, line);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
