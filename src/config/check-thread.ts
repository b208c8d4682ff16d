import { parentPort, workerData } from 'node:worker_threads';
import { OvadexError } from '../domain/model/errors.js';
import type { CheckAnswer, CheckCall } from './apart.js';
import { checkConfig } from './load.js';

/** The thread behind `checkConfigApart`, which passes the call as its data. */
const { file, ...options } = workerData as CheckCall;
parentPort?.postMessage(await check());

async function check(): Promise<CheckAnswer> {
  try {
    return { checked: await checkConfig(file, options) };
  } catch (error) {
    if (error instanceof OvadexError) return { refused: { code: error.code, message: error.message } };
    throw error;
  }
}
