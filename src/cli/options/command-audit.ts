import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { keepAuditOf } from '../../app/open-index.js';
import type { Config } from '../../config/schema.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { createAudit } from '../../platform/log/audit.js';
import { type Io, printable, writeLines } from '../terminal/io.js';

/** Records what a command did, or why not, in the daemon's audit log, and in that of all hosts of a database. Never rejects. */
export type CommandAudit = (
  config: Config,
  io: Io,
  act: string,
  details: AuditEntry['details'],
  outcome?: string,
) => Promise<void>;

/** The outcome of an act that ended with this error, as the HTTP API words it in the audit log. */
export function refusalOf(error: unknown): string {
  return error instanceof OvadexError ? `refused: ${error.code}` : 'failed';
}

/** Records the account of the command line, and the account that called sudo. */
export const auditCommand: CommandAudit = async (config, io, act, details, outcome = 'done') => {
  // If nothing was done and the folder doesn't exist, there is nothing to record an attempt on.
  if (outcome !== 'done' && !existsSync(config.data.directory)) return;
  const log = {
    info: () => undefined,
    error: (_details: object, message: string) =>
      writeLines(io.stderr, `warning: ${message} in ${config.data.directory}`),
  };
  const { username } = userInfo();
  const sudoer = io.env['SUDO_USER'];
  const by = sudoer === undefined ? username : `${username} (sudo by ${printable(sudoer)})`;
  const keep = (entry: AuditEntry) => keepAuditOf(config, entry);
  const audit = createAudit(config.data.directory, { clock: Date.now, log, keep });
  await audit({ act, by, from: 'command line', details, outcome });
};
