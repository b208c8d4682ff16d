import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { SUBJECTS, type Subject } from './subjects.js';

/** A real server on which images are read. */
export type ReadingServer = Pick<Subject, 'missing' | 'start' | 'memoryMs'> & { readonly name: string };

/** Those that give ranges. */
export const READING_SERVERS: readonly ReadingServer[] = SUBJECTS.filter(({ name }) =>
  ['Apache', 'nginx', 'rclone'].includes(name),
);

export const WITHOUT_RANGES: ReadingServer = {
  name: 'Apache without ranges',
  missing: apacheMissing,
  start: (options) => startApache({ ...options, ignoresRanges: true }),
  memoryMs: 0,
};
