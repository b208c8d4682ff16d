import type { DiscoveryReport, Outage } from '../../app/crawler.js';
import { outageSummary } from '../../domain/hosts/outage-words.js';
import type { Sync } from '../../domain/model/sync.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { oldSyncKeys } from '../../wire/old-keys.js';
import { adminSyncToJson } from '../../wire/sync.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { type Column, renderTable } from '../terminal/table.js';

/** Whether the sync was complete: every collection was listed, no removal is held, and it was not cancelled. */
export function isWhole({ status, counts, warnings }: Sync): boolean {
  return status === 'PROCESSED' && counts.failures === 0 && warnings.length === 0;
}

const COLUMNS: readonly Column<Sync>[] = [
  { head: 'USER', value: ({ user }) => user },
  { head: 'RESULT', value: resultOf },
  { head: 'SEEN', align: 'right', value: ({ counts }) => counts.images },
  { head: 'ADDED', align: 'right', value: ({ counts }) => counts.added },
  { head: 'CHANGED', align: 'right', value: ({ counts }) => counts.altered },
  { head: 'DELETED', align: 'right', value: ({ counts }) => counts.removed },
  { head: 'COLLECTIONS', align: 'right', value: ({ counts }) => counts.collections },
  { head: 'FAILED', align: 'right', value: ({ counts }) => counts.failures },
  { head: 'REQUESTS', align: 'right', value: ({ counts }) => counts.requests },
  { head: 'TIME', align: 'right', value: durationOf },
];

export interface SyncReportOptions {
  /** Reports every space, however many there are. */
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** One screenful: up to this number each space is shown, beyond it only those that are not complete. */
const MOST_TOLD = 20;

/** Facts that concern more than one space. */
export interface SyncSurroundings {
  readonly discovered: DiscoveryReport | null;
  /** Outages of storage hosts. */
  readonly outages?: readonly Outage[];
}

/** Reports the results of syncs: trouble on stderr, a table or JSON on stdout, and totals for several. */
export function reportSyncs(
  syncs: readonly Sync[],
  { discovered, outages = [] }: SyncSurroundings,
  options: SyncReportOptions,
  io: Io,
  now = Date.now(),
): void {
  const ordered = [...syncs].sort((a, b) => (a.user < b.user ? -1 : 1));
  const failed = discovered?.discoveries.filter(({ trouble }) => trouble !== null) ?? [];
  for (const { url, users, trouble } of failed) {
    const stay =
      users === 0 ? 'no user of it is known' : `its ${counted(users, 'known user stays', 'known users stay')}`;
    writeLines(io.stderr, `${url}: the discovery failed, ${stay}: ${printable(trouble ?? '')}`);
  }
  writeLines(io.stderr, ...(discovered?.warnings ?? []).map(printable));
  // An outage of a single space is in the line of that space.
  const shared = options.verbose === true ? [] : outages.filter(({ users }) => users.length > 1);
  writeLines(io.stderr, ...shared.map(outageLine));
  const told = new Set(shared.flatMap(({ users }) => users));
  const others = ordered.filter(({ user }) => !told.has(user));
  writeLines(io.stderr, ...troublesOf(others, options));
  if (options.json === true) {
    writeJson(io.stdout, { syncs: ordered.map((sync) => jsonOf(sync, now)), ...jsonOfDiscoveries(discovered) });
    return;
  }
  if (ordered.length === 0) {
    writeLines(io.stdout, failed.length === 0 ? 'no spaces, nothing to sync' : 'no spaces are known, nothing to sync');
    return;
  }
  const rows = rowsOf(ordered.length > MOST_TOLD ? others : ordered, ordered.length, options);
  if (rows.length > 0) writeLines(io.stdout, renderTable(COLUMNS, rows));
  if (ordered.length > 1) writeLines(io.stderr, sumOf(ordered));
}

function outageLine({ kind, host, detail, users }: Outage): string {
  return printable(outageSummary(kind, host, users.length, detail));
}

function rowsOf(syncs: readonly Sync[], all: number, { verbose = false }: SyncReportOptions): readonly Sync[] {
  if (verbose || all <= MOST_TOLD) return syncs;
  return syncs.filter((sync) => !isWhole(sync)).slice(0, MOST_TOLD);
}

/** One line for each space in trouble, up to a screenful. */
function troublesOf(syncs: readonly Sync[], { verbose = false }: SyncReportOptions): readonly string[] {
  const troubled = syncs.filter(({ status, warnings }) => status === 'ERROR' || warnings.length > 0);
  const told = verbose ? troubled : troubled.slice(0, MOST_TOLD);
  const left = troubled.length - told.length;
  const lines = told.flatMap(({ user, status, errors, warnings }) => {
    const failure = `the sync failed, the list stays as it was: ${errors.join('; ')}`;
    return [...(status === 'ERROR' ? [failure] : []), ...warnings].map((line) => printable(`${user}: ${line}`));
  });
  const more = `and ${counted(left, 'more space')} with trouble: --verbose names them, ovadex spaces --state failing,stale,held lists them`;
  return left > 0 ? [...lines, more] : lines;
}

/** `5,000 spaces: 4,988 complete, 12 failed; images: 10 added, 0 changed, 3 deleted` */
function sumOf(syncs: readonly Sync[]): string {
  const results = syncs.map(resultOf);
  const told = RESULTS.map((result) => ({ result, count: results.filter((each) => each === result).length }))
    .filter(({ count }) => count > 0)
    .map(({ result, count }) => `${grouped(count)} ${result}`);
  const total = (count: (counts: Sync['counts']) => number) =>
    grouped(syncs.reduce((sum, { counts }) => sum + count(counts), 0));
  const images = [
    `${total(({ added }) => added)} added`,
    `${total(({ altered }) => altered)} changed`,
    `${total(({ removed }) => removed)} deleted`,
  ];
  return `${counted(syncs.length, 'space')}: ${told.join(', ')}; images: ${images.join(', ')}`;
}

const RESULTS = ['complete', 'incomplete', 'failed', 'cancelled', 'interrupted'] as const;

function resultOf(sync: Sync): (typeof RESULTS)[number] {
  if (sync.status === 'ERROR') return 'failed';
  if (sync.status === 'CANCELLED') return 'cancelled';
  if (sync.status !== 'PROCESSED') return 'interrupted';
  return isWhole(sync) ? 'complete' : 'incomplete';
}

function durationOf({ startedAt, endedAt }: Sync): string {
  return startedAt === null || endedAt === null ? '-' : `${((endedAt - startedAt) / 1000).toFixed(1)} s`;
}

/** Empty if there is no discovery. */
function jsonOfDiscoveries(discovered: DiscoveryReport | null): object {
  if (discovered === null) return {};
  const discoveries = discovered.discoveries.map(({ url, users, trouble }) => ({ url, users, error: trouble }));
  return { discoveries, warnings: discovered.warnings };
}

function jsonOf(sync: Sync, now: number): object {
  const json = adminSyncToJson(sync, now, timestampInSeconds);
  return { ...json, result: resultOf(sync), ...oldSyncKeys(json) };
}
