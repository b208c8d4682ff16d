import { OvadexError } from '../../domain/model/errors.js';
import type { Session } from './database.js';
import { timelineOf } from './timeline.js';

/** Looks at a connection before it is used for the first time; rejects if it must not be. */
export type Admit = (connection: Session) => Promise<void>;

/** Keeps a process from connections to a server with another history than that which it knows. */
export interface HistoryGuard {
  /**
   * Rejects with OvadexError `index` if a connection leads to another history. A server that only follows another one has
   * no timeline of its own, and fails as any that can't be written.
   */
  readonly admit: Admit;
  /** From now on only connections to this timeline are admitted; before, all are. */
  hold(timeline: string): void;
}

/**
 * Creates a guard; it calls `onOther` once it meets another history than that which it holds. After a fail-over the last
 * commits may be lost and their revisions be given a second time, so that nothing which a process has in memory can be told
 * from what is stored: what was prepared or read by revision, where a sync has got to, and the run that names it all. All
 * connections break then, so that each way to the new server begins here.
 */
export function createHistoryGuard(onOther: () => void): HistoryGuard {
  let held: string | null = null;
  let isTold = false;
  return {
    async admit(connection) {
      if (held === null || (await timelineOf(connection)) === held) return;
      if (!isTold) onOther();
      isTold = true;
      throw new OvadexError('index', 'the server of the database has another history since a fail-over or a restore');
    },
    hold(timeline) {
      held = timeline;
    },
  };
}
