import { isLeaseFree } from './sync-claim.js';

/** Who leads the hosts of an index, as it is kept. */
export interface KeptLead {
  /** Unique to a process and its run; empty if nobody has led, or whoever did has resigned. */
  readonly holder: string;
  /** Raised whenever somebody else comes to lead. */
  readonly term: number;
  /** The end of the lease, in ms since the epoch. */
  readonly until: number;
}

/** Returns what a process of a host, by its owner's id, holds the lead as: others read out of it which host that is. */
export function holderOf(owner: string, host: string): string {
  return `${owner} ${host}`;
}

export const NOBODY: KeptLead = { holder: '', term: 0, until: 0 };

/**
 * Returns who leads after somebody has stood for it at `now`: the same one for a longer time, the candidate if nobody leads
 * or the lease has ended, or null if another one still leads. A leader that hung beyond its lease goes on in its term if nobody
 * has stood meanwhile, since nobody has decided anything.
 */
export function leadAfter(
  kept: KeptLead,
  candidate: { readonly holder: string; readonly now: number; readonly leaseMs: number },
): KeptLead | null {
  const { holder, now, leaseMs } = candidate;
  if (kept.holder === holder) return { ...kept, until: now + leaseMs };
  if (kept.holder !== '' && !isLeaseFree(kept.until, now, leaseMs)) return null;
  return { holder, term: kept.term + 1, until: now + leaseMs };
}

/** Whether what is decided in a term may be written: nobody has led since. */
export function isInTerm(kept: KeptLead, lead: Pick<KeptLead, 'holder' | 'term'>): boolean {
  return kept.holder === lead.holder && kept.term === lead.term;
}
