import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Config } from '../../config/schema.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { createAudit } from '../../platform/log/audit.js';
import { type Io, printable, writeLines } from '../terminal/io.js';

/** Takes down what a command did, or why not, in the same file as the daemon. */
export type CommandAudit = (
  config: Config,
  io: Io,
  act: string,
  details: AuditEntry['details'],
  outcome?: string,
) => void;

/** What came of an act that ended with this error, in the words of the HTTP API's audit. */
export function refusalOf(error: unknown): string {
  return error instanceof OvadexError ? `refused: ${error.code}` : 'failed';
}

/** Who is at the command line: the account, and who became it by sudo. */
export const auditCommand: CommandAudit = (config, io, act, details, outcome = 'done') => {
  // Where nothing was done and there is no such folder, there is nothing that it could have been done to.
  if (outcome !== 'done' && !existsSync(config.data.directory)) return;
  const log = {
    info: () => undefined,
    error: (_details: object, message: string) =>
      writeLines(io.stderr, `warning: ${message} in ${config.data.directory}`),
  };
  const { username } = userInfo();
  const sudoer = io.env['SUDO_USER'];
  const by = sudoer === undefined ? username : `${username} (sudo by ${printable(sudoer)})`;
  const audit = createAudit(config.data.directory, { clock: Date.now, log });
  audit({ act, by, from: 'command line', details, outcome });
};
