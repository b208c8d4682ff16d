import { Worker } from 'node:worker_threads';
import { type ErrorCode, OvadexError } from '../domain/model/errors.js';
import type { CheckedConfig, checkConfig } from './load.js';

/** The thread's task, passed as its data. */
export interface CheckCall {
  readonly file: string;
  readonly credentialsDirectory: string | undefined;
}

/** The thread's one message. */
export type CheckAnswer =
  | { readonly checked: CheckedConfig }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

/**
 * Runs `checkConfig` in a thread of its own. A daemon rarely reads its configuration but runs for years: the YAML and
 * schema libraries and their trees for 1,000 spaces would cost it 25 MB, and each reload would block responses for 0.2
 * s.
 */
export const checkConfigApart: typeof checkConfig = (file, { credentialsDirectory } = {}) => {
  const call: CheckCall = { file, credentialsDirectory };
  const worker = new Worker(new URL('./check-thread.js', import.meta.url), { workerData: call });
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: CheckAnswer) => {
      if ('checked' in answer) resolve(answer.checked);
      else reject(new OvadexError(answer.refused.code, answer.refused.message));
    });
    worker.once('error', reject);
    // Rejects only if there was no answer, which settles first.
    worker.once('exit', () => reject(new OvadexError('internal', `${file}: the thread that reads it gave no answer`)));
  });
};
