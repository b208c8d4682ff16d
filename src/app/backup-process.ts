import { dirname } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';
import { makeBackupFolder } from '../sqlite/backup/backups.js';
import { rotate } from '../sqlite/backup/rotation.js';
import { createIndexFile } from './index-file.js';
import type { BackupAnswer, BackupJob } from './make-backup.js';

/** The process behind `makeBackupApart`, which sends its one job as a message. */
process.once('message', (job: BackupJob) => {
  process.send?.(answerTo(job), () => process.disconnect());
});

function answerTo({ data, target, keep }: BackupJob): BackupAnswer {
  try {
    const folder = dirname(target);
    makeFolder(folder);
    const { sizeBytes } = createIndexFile({ data }).backup(target);
    return { made: { sizeBytes, left: rotate(folder, keep, target).left } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failed: { code: error instanceof OvadexError ? error.code : 'internal', message } };
  }
}

function makeFolder(folder: string): void {
  try {
    makeBackupFolder(folder);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('index', `${folder}: no copy can be stored there: ${error.message}`, { cause: error });
  }
}
