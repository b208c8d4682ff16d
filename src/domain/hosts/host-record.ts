import type { RootTrouble } from '../reconcile/unmarked-root.js';

/**
 * What a request for one of its places tells about a host: it works, it refuses the credentials, or it is out of order
 * as a whole.
 */
export type HostSign = 'answered' | 'refused' | 'silent';

export function signOf(trouble: RootTrouble | null): HostSign {
  switch (trouble?.failure) {
    case 'unauthorized':
      return 'refused';
    case 'unreachable':
    case 'timeout':
    case 'malformed': // another program on its port
    case 'busy':
    case 'maintenance':
      return 'silent';
    default:
      return 'answered';
  }
}

/** How a host has answered requests for its places so far. */
export interface HostRecord {
  /** Answers of any kind, refusals included. */
  readonly answered: number;
  readonly silentInARow: number;
  readonly refused: number;
}

export const UNASKED: HostRecord = { answered: 0, silentInARow: 0, refused: 0 };

export function noteSign({ answered, silentInARow, refused }: HostRecord, sign: HostSign): HostRecord {
  if (sign === 'silent') return { answered, silentInARow: silentInARow + 1, refused };
  return { answered: answered + 1, silentInARow: 0, refused: refused + (sign === 'refused' ? 1 : 0) };
}

/** One place may be out of order by itself; a second one decides. */
export const FIRST_PROBES = 2;
/** A host that has answered may have some such places among its spaces. */
const SILENT_IN_A_ROW = 5;

/** Whether no more is asked of this host. */
export function isGivenUp({ answered, silentInARow }: HostRecord): boolean {
  return silentInARow >= (answered === 0 ? FIRST_PROBES : SILENT_IN_A_ROW);
}

/** Nextcloud locks an address after ten refusals in half an hour, and the crawl needs some of them. */
const REFUSALS = 3;

/** Whether credentials that were never accepted are no longer tried at this host: a lock would shut out those that are. */
export function isToBeSpared({ refused }: HostRecord, isProven: boolean): boolean {
  return !isProven && refused >= REFUSALS;
}
