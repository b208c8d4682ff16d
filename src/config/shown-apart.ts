import { Worker } from 'node:worker_threads';
import { OvadexError } from '../domain/model/errors.js';
import type { Config } from './schema.js';

/**
 * Writes a configuration in the form of its file, without secrets, in a thread of its own: few daemons are ever asked for it,
 * and they need the libraries of YAML and the schema for nothing else; see `checkConfigApart`.
 */
export function shownTextApart(config: Config): Promise<string> {
  const worker = new Worker(new URL('./shown-thread.js', import.meta.url), { workerData: config });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    // Rejects only if there was no answer, which settles first.
    worker.once('exit', () => reject(new OvadexError('internal', 'the configuration could not be written as text')));
  });
}
