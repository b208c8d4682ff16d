import type { HostPresence, HostRecord } from '../diagnosis/host-differences.js';

/** The daemons that share an index, as each of them tells of itself. */
export interface HostRegister {
  /**
   * Notes that a daemon is there, at this time; forgets those that were not heard of for a day. Rejects with OvadexError `foreign`,
   * and writes nothing, once a newer program has changed the schema.
   */
  note(host: HostPresence): Promise<void>;
  /** Forgets a daemon that has ended in order. */
  leave(name: string): Promise<void>;
  /** Returns them by their names. */
  list(): Promise<readonly HostRecord[]>;
}
