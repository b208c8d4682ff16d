import { Worker } from 'node:worker_threads';
import { VERSION } from '../../../src/platform/version.js';

const SOURCE = new URL('../../../src/app/engines/commit-thread.ts', import.meta.url);
const BEGIN = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(SOURCE.href)});
});`;

/** Begins the thread for commits from its source, as the program begins it from what is built. */
export const beginFromSource = (version: string = VERSION): Worker =>
  new Worker(BEGIN, { eval: true, workerData: version });
