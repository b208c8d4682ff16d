import type { DatabaseFacts } from '../diagnosis/daemon-health.js';

/** Returns what there is to say of the database that keeps the index, without reading it through. Rejects with OvadexError `index`. */
export type ReadDatabaseFacts = () => Promise<DatabaseFacts>;
