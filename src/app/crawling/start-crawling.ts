import { Worker } from 'node:worker_threads';
import type { Config } from '../../config/schema.js';
import type { OvadexError } from '../../domain/model/errors.js';
import { type CrawlerThread, connectCrawler, endedUnexpectedly } from './thread-protocol.js';

/** Who crawls, as the API sees it. */
export interface Crawling {
  readonly crawler: CrawlerThread<Config>;
  /** Ends it wherever it is; what it was asked before stays without an answer. */
  terminate(): Promise<void>;
}

/** Starts the crawler's thread; `onFailure` is called each time that something ends it. */
export function startCrawlerThread(config: Config, onFailure: (error: OvadexError) => void): Crawling {
  const worker = new Worker(new URL('../crawler-thread.js', import.meta.url), { workerData: config });
  const crawler = connectCrawler<Config>(worker);
  worker.on('error', (error: unknown) => onFailure(endedUnexpectedly(error)));
  worker.on('exit', (code) => onFailure(endedUnexpectedly(null, code)));
  return {
    crawler,
    async terminate() {
      await worker.terminate();
    },
  };
}
