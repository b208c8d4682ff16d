import type { HostCounts } from '../model/measurements.js';

/** What hosts that share an index have to have alike: each is a section of reports, and of what is compared. */
export const ALIKE_SECTIONS = ['spaces', 'crawl', 'link', 'auth', 'api', 'webhooks'] as const;

export type AlikeSection = (typeof ALIKE_SECTIONS)[number];

/** Sections that matter on hosts with one role alone, and are compared among these. */
const ROLE_OF: Readonly<Partial<Record<AlikeSection, string>>> = { webhooks: 'crawler' };

/** A fingerprint of each section of a configuration, without its values. */
export type Fingerprints = Readonly<Record<AlikeSection, string>>;

/** A daemon, as it has told the others of itself. Times are ms since the epoch. */
export interface HostPresence {
  /** Unique among the hosts of an index. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly version: string;
  readonly startedAt: number;
  readonly fingerprints: Fingerprints;
}

/** A daemon, and when it was last heard of. */
export interface HostRecord extends HostPresence {
  readonly seenAt: number;
  /** How long ago that was by the clock of what keeps it, which no host's own can contradict. */
  readonly silentMs: number;
  /** Whether it holds the lead of those that crawl. */
  readonly leads: boolean;
}

/** A host among the others. */
export interface HostAmongOthers extends HostRecord {
  /** Whether it was heard of lately; of others nothing is compared. */
  readonly isThere: boolean;
  /** Sections in which it differs from most. */
  readonly differsIn: readonly AlikeSection[];
}

/** Hosts tell of themselves six times in this; a longer silence is that of a host which is down, cut off, or hangs. */
export const THERE_FOR_MS = 60_000;

/**
 * Compares hosts. In each section those differ that don't have what most have; if no side has more, it is the one of the host
 * that has run longest: it was there before somebody changed something.
 */
export function compareHosts(hosts: readonly HostRecord[]): readonly HostAmongOthers[] {
  const there = hosts.filter(({ silentMs }) => silentMs <= THERE_FOR_MS);
  const usual = new Map(ALIKE_SECTIONS.map((section) => [section, usualIn(section, there)]));
  return hosts.map((host) => {
    const isThere = there.includes(host);
    const differs = (each: AlikeSection) => hasPart(each, host) && host.fingerprints[each] !== usual.get(each);
    const differsIn = isThere ? ALIKE_SECTIONS.filter(differs) : [];
    return { ...host, isThere, differsIn };
  });
}

function hasPart(section: AlikeSection, { roles }: HostRecord): boolean {
  const role = ROLE_OF[section];
  return role === undefined || roles.includes(role);
}

function usualIn(section: AlikeSection, hosts: readonly HostRecord[]): string | undefined {
  const counts = new Map<string, number>();
  const compared = hosts.filter((host) => hasPart(section, host));
  for (const { fingerprints } of compared.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const print = fingerprints[section];
    counts.set(print, (counts.get(print) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  // A Map keeps the order of its keys, so that this is the one that was there first.
  return [...counts].find(([, count]) => count === most)?.[0];
}

/** Counts hosts for the metrics. */
export function countHosts(hosts: readonly HostAmongOthers[]): HostCounts {
  const there = hosts.filter(({ isThere }) => isThere);
  const differing = there.filter(({ differsIn }) => differsIn.length > 0).length;
  return { alike: there.length - differing, differing, silent: hosts.length - there.length };
}
