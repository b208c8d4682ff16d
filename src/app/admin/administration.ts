import { atAGlance } from '../../domain/diagnosis/at-a-glance.js';
import type { CrawlMeasurements } from '../../domain/model/measurements.js';
import type { Administration } from '../../domain/ports/administration.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import { sharedForAWhile } from './shared-for-a-while.js';

/** Enough to begin with; the list of spaces has all of them. */
const NAMED_USERS = 5;

/** What the API tells administrators of the daemon as a whole. */
export function createAdministration({
  history,
  measureCrawl,
  clock,
}: {
  readonly history: Pick<IndexHistory, 'hours' | 'troubled'>;
  readonly measureCrawl: () => Promise<CrawlMeasurements>;
  readonly clock: Clock;
}): Administration {
  return {
    overview: sharedForAWhile(async () => {
      const [measured, hours, troubled] = await Promise.all([
        measureCrawl(),
        history.hours(),
        history.troubled(NAMED_USERS),
      ]);
      return atAGlance(measured, hours, troubled, clock());
    }),
  };
}
