import type { Fault } from '../support/dav-server/faults.js';

/** What a soak did. */
export interface Tally {
  histories: number;
  steps: number;
  syncs: number;
  requests: number;
  /** Of them. */
  searches: number;
  /** Processes killed in the middle. */
  kills: number;
  /** Of them by a signal, as child processes. */
  realKills: number;
  /** How often a sync was taken over from a process that slept. */
  steals: number;
  /** How often a sync ended in a proven truth. */
  truths: number;
  /** Collections that incremental syncs ending in the truth did not ask for. */
  skipped: number;
  /** Those of them that asked for one collection at most, or for the root's marker alone. */
  oneRequest: number;
  /** Of hosts, judged against all lists that there were. */
  answers: number;
  /** How often connections of hosts were broken, hosts that answer died, and tokens were revoked. */
  breaks: number;
  deaths: number;
  revoked: number;
  /** Answers that went wrong, by the kind of fault. */
  readonly faults: Record<string, number>;
}

export function createTally(): Tally {
  return {
    histories: 0,
    steps: 0,
    syncs: 0,
    requests: 0,
    searches: 0,
    kills: 0,
    realKills: 0,
    steals: 0,
    truths: 0,
    skipped: 0,
    oneRequest: 0,
    ...{ answers: 0, breaks: 0, deaths: 0, revoked: 0 },
    faults: {},
  };
}

export function countFault(tally: Tally, kind: string): void {
  tally.faults[kind] = (tally.faults[kind] ?? 0) + 1;
}

/** The most telling thing that a fault does. */
export function kindOfFault(fault: Fault): string {
  if (fault.redirect !== undefined) return 'redirect';
  if (fault.status !== undefined) return `status ${fault.status}`;
  if (fault.html === true) return 'login page';
  if (fault.reset === true) return 'reset';
  if (fault.stall !== undefined) return `stall of the ${fault.stall}`;
  if (fault.body !== undefined) return 'other document';
  if (fault.cutAtByte !== undefined) return `cut (${fault.gzip === true ? 'gzip, ' : ''}${fault.framing})`;
  if (fault.self !== undefined) return `self ${fault.self}`;
  if (fault.forget !== undefined) return 'forgotten children';
  if (fault.blank === true) return 'blank';
  if (fault.childStatus !== undefined) return 'child status';
  if (fault.repeat === true) return 'repeated children';
  if (fault.pageSize !== undefined || fault.linkNext !== undefined) return 'pages';
  if (fault.fitsOnly !== undefined) return 'more than fits (507)';
  if (fault.trailing !== undefined) return 'trailing text';
  if (fault.extraResponses !== undefined) return 'foreign responses';
  if (fault.gzip === true) return 'gzip';
  return fault.delayMs !== undefined ? 'delay' : 'framing';
}
