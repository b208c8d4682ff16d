import type { HostAmongOthers } from '../../domain/diagnosis/host-differences.js';
import type { HostStanding, Overview } from '../../domain/diagnosis/overview.js';
import { SPACE_STATES } from '../../domain/lists/space-states.js';
import { counted, grouped } from '../../domain/text/counted.js';
import type { Readiness } from '../../platform/ask-readiness.js';
import { VERSION } from '../../platform/version.js';
import { printable, type Terminal, writeLines } from '../terminal/io.js';
import { formatMoment, formatSize } from '../terminal/table.js';

/** Facts from the index, or why it can't be read. */
export type IndexStatus =
  | {
      readonly overview: Overview;
      /** The hosts that share it. */
      readonly cluster: readonly HostAmongOthers[];
      readonly departed: number;
      /** Spaces that their users have connected. */
      readonly linked: number;
      readonly waiting: number;
      readonly running: number;
      /** End of the newest complete full sync, in ms; null before the first. */
      readonly lastFullAt: number | null;
      readonly bytes: number;
    }
  | { readonly trouble: string; readonly code: number };

export interface Status {
  readonly address: string;
  readonly daemon: Readiness;
  readonly index: IndexStatus;
  readonly now: number;
  readonly place: string;
}

/** Hosts to show on a terminal; `--json` has them all. */
const HOSTS_SHOWN = 3;
/** Characters to show of a storage's error message. */
const WORDS_SHOWN = 100;
const GRAVEST_FIRST = SPACE_STATES.toReversed();

/** Writes some ten lines, always in the same order. Times are in the local zone on a terminal, and in UTC elsewhere. */
export function writeStatus({ address, daemon, index, place }: Status, stdout: Terminal): void {
  const time = (at: number | null) => (at === null ? 'never' : formatMoment(at, stdout.isTTY === true));
  const lines: [name: string, text: string][] = [
    ['ovadex', `${VERSION}, Node ${process.versions.node}`],
    ['daemon', daemon.isReady ? `ready at ${address}` : `NOT READY at ${address}: ${daemon.detail}`],
  ];
  if ('trouble' in index) lines.push(['index', `UNUSABLE: ${index.trouble}`]);
  else {
    const { overview, cluster, departed, linked, waiting, running, lastFullAt, bytes } = index;
    for (const host of cluster) lines.push(['host', clusterLine(host, time)]);
    const spaces = [...overview.states.values()].reduce((sum, each) => sum + each, 0);
    const states = GRAVEST_FIRST.filter((state) => overview.states.has(state)).map(
      (state) => `${grouped(overview.states.get(state) ?? 0)} ${state}`,
    );
    const ofUsers = linked === 0 ? '' : `; ${grouped(linked)} connected by their users`;
    lines.push(['spaces', spaces === 0 ? 'none yet' : `${grouped(spaces)}: ${states.join(', ')}${ofUsers}`]);
    for (const host of overview.hosts.slice(0, HOSTS_SHOWN)) lines.push(['storage', hostLine(host, time)]);
    const more = overview.hosts.length - HOSTS_SHOWN;
    if (more > 0) lines.push(['storage', `and ${grouped(more)} more`]);
    lines.push(['images', `${grouped(overview.images)} in ${place}, ${formatSize(bytes)}`]);
    lines.push([
      'syncs',
      `${grouped(running)} running, ${grouped(waiting)} waiting; last full one: ${time(lastFullAt)}`,
    ]);
    const whole =
      overview.neverWhole > 0 ? `${grouped(overview.neverWhole)} not yet` : `all since ${time(overview.allWholeSince)}`;
    if (spaces > 0) lines.push(['whole', whole]);
    const waits = [
      ...some(
        overview.heldSpaces,
        'space holds',
        'spaces hold',
        `removals of ${counted(overview.heldImages, 'image')}`,
      ),
      ...some(overview.suspended, 'space is', 'spaces are', 'suspended'),
      ...some(departed, 'user has', 'users have', 'left and can be forgotten'),
    ];
    lines.push([
      'for you',
      waits.length === 0 ? 'no decisions needed' : `${waits.join('; ')} (ovadex doctor says what to do)`,
    ]);
  }
  writeLines(stdout, ...lines.map(([name, text]) => `${name.padEnd(9)}${printable(text)}`));
}

function hostLine(
  { origin, spaces, inTrouble, since, message }: HostStanding,
  time: (at: number | null) => string,
): string {
  const whose = `${origin}: ${counted(spaces, 'space')}`;
  if (inTrouble === 0) return `${whose}, ok`;
  const words = message ?? '';
  const said = words.length > WORDS_SHOWN ? `${words.slice(0, WORDS_SHOWN)}…` : words;
  return `${whose}, ${grouped(inTrouble)} IN TROUBLE since ${time(since)}: ${said}`;
}

function clusterLine(
  { name, roles, version, startedAt, seenAt, isThere, leads, differsIn }: HostAmongOthers,
  time: (at: number | null) => string,
): string {
  const whose = `${name} (${roles.join(', ')}), ${version}`;
  if (!isThere) return `${whose}, SILENT since ${time(seenAt)}`;
  const differs = differsIn.length === 0 ? '' : `; CONFIGURED DIFFERENTLY in: ${differsIn.join(', ')}`;
  return `${whose}, since ${time(startedAt)}${leads ? '; leads' : ''}${differs}`;
}

function some(count: number, one: string, several: string, what: string): readonly string[] {
  return count === 0 ? [] : [`${counted(count, one, several)} ${what}`];
}
