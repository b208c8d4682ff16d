import type { DatabaseFacts } from '../diagnosis/daemon-health.js';
import type { IndexTotals } from '../model/measurements.js';

/** Returns what the index contains; `intervalMs` as in `stateOf`. Rejects with OvadexError `index`. */
export type ReadIndexTotals = (now: number, intervalMs: number) => Promise<IndexTotals>;

/** Returns what there is to say of the database that keeps the index, without reading it through. Rejects with OvadexError `index`. */
export type ReadDatabaseFacts = () => Promise<DatabaseFacts>;
