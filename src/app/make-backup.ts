import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, OvadexError } from '../domain/model/errors.js';
import type { Left } from '../sqlite/backup/rotation.js';
import type { MakeBackup } from './admin/backup-runs.js';
import type { IndexPlace } from './engines/index-ports.js';

export interface BackupJob {
  readonly data: { readonly directory: string };
  readonly target: string;
  readonly keep: number;
}

/** The process's one message. */
export type BackupAnswer =
  | { readonly made: { readonly sizeBytes: number; readonly left: readonly Left[] } }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string } };

/**
 * Makes backups of an index in a process of its own: SQLite copies and checks a file in one call each, which for a large one
 * take minutes. A thread could not be ended meanwhile, and would keep the daemon from stopping.
 */
export function makeBackupApart({ data }: IndexPlace): MakeBackup {
  return (target, keep, signal) =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./backup-process.js', import.meta.url)), {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      // What it leaves behind has a folder of its own, which a copy removes that is made a day later.
      const kill = () => void child.kill('SIGKILL');
      signal.addEventListener('abort', kill, { once: true });
      child.once('message', (answer: BackupAnswer) => {
        if ('made' in answer) resolve(answer.made);
        else reject(new OvadexError(answer.failed.code, answer.failed.message));
      });
      child.once('error', reject);
      // Rejects only if there was no answer, which settles first.
      child.once('exit', (code, killedBy) => {
        signal.removeEventListener('abort', kill);
        reject(new OvadexError('internal', `the process that makes the backup has ended (${killedBy ?? code})`));
      });
      const job: BackupJob = { data: { directory: data.directory }, target, keep };
      child.send(job, (error) => {
        if (error !== null) reject(error);
      });
      if (signal.aborted) kill();
    });
}
