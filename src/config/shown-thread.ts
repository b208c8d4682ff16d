import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from './schema.js';
import { shownConfig } from './shown.js';
import { shownText } from './shown-text.js';

/** The thread behind `shownTextApart`, which passes the configuration as its data. */
parentPort?.postMessage(shownText(shownConfig(workerData as Config)));
