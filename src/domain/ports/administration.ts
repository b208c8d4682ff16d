import type { AtAGlance } from '../diagnosis/at-a-glance.js';

/** What administrators are told of the daemon as a whole. */
export interface Administration {
  /** Returns all spaces at a glance, as they were a second ago or, if there are very many, some seconds. */
  overview(): Promise<AtAGlance>;
}
