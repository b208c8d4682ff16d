import type { Logger } from 'pino';
import { hourOf } from '../../domain/diagnosis/history.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import { type HostLead, soleLead } from './lead.js';

/** How soon an hour is counted: it needs no precise moment, and a start has other things to do first. */
const LOOK_EVERY_MS = 60_000;

/** Counts what all spaces have, once in each hour, in the crawler's thread of the host that leads. Returns what stops it. */
export function startHourly({
  history,
  lead = soleLead,
  clock,
  logger,
}: {
  readonly history: Pick<IndexHistory, 'count'>;
  /** If left out, this process shares the index with no host. */
  readonly lead?: HostLead;
  readonly clock: Clock;
  readonly logger: Logger;
}): () => Promise<void> {
  const stopping = new AbortController();
  let counted: number | null = null;
  let running: Promise<void> | null = null;
  const count = async () => {
    const now = clock();
    try {
      await history.count(now, stopping.signal);
      counted = hourOf(now);
    } catch (err) {
      logger.warn({ err }, 'the images of this hour could not be counted; trying again in a minute');
    }
    running = null;
  };
  const timer = setInterval(() => {
    if (running === null && lead.held() !== null && hourOf(clock()) !== counted) running = count();
  }, LOOK_EVERY_MS);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
