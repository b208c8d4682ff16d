import { Worker } from 'node:worker_threads';
import { type ErrorCode, OvadexError } from '../domain/model/errors.js';
import type { CheckedConfig, checkConfig } from './load.js';

/** What the thread is asked, as its data. */
export interface CheckCall {
  readonly file: string;
  readonly credentialsDirectory: string | undefined;
}

/** What it answers, once. */
export type CheckAnswer =
  | { readonly checked: CheckedConfig }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

/**
 * As `checkConfig`, in a thread that ends with it. A daemon reads its configuration seldom, and goes on for years: the
 * YAML and schema libraries with the trees they make of 1,000 spaces would take it 25 MB, and a reload 0.2 s of its answers.
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
    // Behind the answer, which settles first.
    worker.once('exit', () => reject(new OvadexError('internal', `${file}: the thread that reads it gave no answer`)));
  });
};
