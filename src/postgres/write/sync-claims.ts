import { continuedBy } from '../../domain/model/left-off.js';
import { isSubtreeBelieved } from '../../domain/model/markers.js';
import { compareClaims, disbelievedAfter, standingOf } from '../../domain/policy/sync-claim.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ClaimedSync, SyncLog } from '../../domain/ports/sync-log.js';
import type { Database, Session } from '../connection/database.js';
import { type SyncRow, syncFromRow } from '../read/sync-rows.js';
import { ALONG_THE_INDEXES, CHOSEN_SQL, LOOK_SQL, LOOKED_AT_ONCE, NEXT_SQL, THIS_SQL } from './claim-statements.js';
import { type RecordRow, recordFromRow } from './space-record.js';

/** How long it is believed that nothing comes before an entrance: what was written before, and committed later, does. */
const BELIEVED_FOR_MS = 10_000;
/**
 * As many spaces as may run here are left out by the server. If more are, such as those of a storage in trouble, sending them
 * with each claim and going through the queue past them would take longer than a claim by a hundred times.
 */
const LEFT_OUT_BY_SERVER = 1_000;
/** So often a claim looks on in such a queue, some 60 ms in all; the next one goes on there. */
const LOOKS = 25;
/** A queue of a million is looked through by then; whoever claims enough on the way begins again. */
const THROUGH_WITHIN_MS = 120_000;
/** The times of two hosts, which both follow the database's. */
const CLOCKS_DIFFER_BY_MS = 1_000;

interface ClaimedRow extends SyncRow, RecordRow {
  readonly statusBefore: 'PENDING' | 'IN_PROGRESS';
  readonly shownImages: number;
  readonly seen: number;
  readonly refuted: number;
  /** The first due sync that waited, and the end of the lease that ends first. */
  readonly firstDue: number | null;
  readonly firstLease: number | null;
}

interface LookedAt {
  readonly id: number;
  readonly space: number;
  readonly part: 'orphan' | 'back' | 'asked' | 'due';
}

/** How far a queue was looked through, most of which is left out: up to which sync in each of its parts. */
interface Seen {
  readonly asked: number;
  readonly due: number;
  /** When the end of the queue was reached; null: not yet. What is filed from then on is behind it. */
  readonly endedAt: number | null;
  readonly begunAt: number;
  /** The spaces that were left out. */
  readonly leftOut: ReadonlySet<number>;
  /** Those that are so no longer, and may wait where the queue was looked through. */
  readonly back: readonly number[];
}

type ClaimOptions = Parameters<SyncLog['claimUpTo']>[1];

/** Where the queue and the leases are entered. */
interface Entrance {
  readonly due: number;
  readonly lease: number;
  /** When they were last entered from their beginnings. */
  readonly since: number;
}

/** Creates the claiming of syncs; its contract is that of `SyncRuns`. */
export function createClaims(db: Database, clock: Clock): Pick<SyncLog, 'claim' | 'claimUpTo'> {
  // What was claimed, and leases that were given back, stay in front as long as anybody reads the database as it was
  // before, such as a backup. Entered behind that, both are as short as they seem: ids and leases come in order, and no
  // sync becomes less urgent.
  let entrance: Entrance = { due: 0, lease: 0, since: 0 };
  let seen: Seen = UNSEEN;

  const takeIn = async (
    session: Session,
    sql: string,
    { owner, leaseMs, skip = [] }: ClaimOptions,
    now: number,
    others: readonly unknown[],
  ) => {
    const values = [now, disbelievedAfter(now, leaseMs), skip, owner, now + leaseMs, ...others];
    return await session.rows<ClaimedRow>(sql, values);
  };
  const take = (sql: string, options: ClaimOptions, now: number, others: readonly unknown[]) =>
    db.write(async (session) => {
      const [, rows] = await Promise.all([session.run(ALONG_THE_INDEXES), takeIn(session, sql, options, now, others)]);
      return rows;
    });

  /** Takes what `take` would, but looks at parts of the queue, and leaves spaces out itself. */
  const takePast = (skip: ReadonlySet<number>, options: ClaimOptions, now: number, atMost: number) =>
    db.write(async (session) => {
      const rows: ClaimedRow[] = [];
      let at = seenUntil(seen, skip, now);
      const range = [now, disbelievedAfter(now, options.leaseMs), entrance.lease];
      for (let looks = 0; looks < LOOKS; looks++) {
        const [, found] = await Promise.all([
          session.run(ALONG_THE_INDEXES),
          session.rows<LookedAt>(LOOK_SQL, [...range, at.asked, at.due, at.back]),
        ]);
        // What was left behind in a space comes first.
        const chosen = new Map<number, number>();
        for (const { id, space } of found) {
          if (!(skip.has(space) || chosen.has(space))) chosen.set(space, id);
        }
        if (chosen.size > 0) {
          const others = [[...chosen.values()], atMost - rows.length];
          rows.push(...(await takeIn(session, CHOSEN_SQL, { ...options, skip: [] }, now, others)));
          if (rows.length >= atMost) break;
        }
        const isEnd = (['asked', 'due'] as const).every((part) => partOf(found, part).length < LOOKED_AT_ONCE);
        at = seenAfter(at, found, isEnd ? now : null);
        if (isEnd) break;
      }
      return { rows, at };
    });

  const claimUpTo = async (atMost: number, options: ClaimOptions) => {
    if (atMost < 1) return [];
    const now = clock();
    const beginning = { due: 0, lease: 0, since: now };
    if (isLongAgo(entrance.since, now, BELIEVED_FOR_MS)) entrance = beginning;
    if (options.skip !== undefined && options.skip.length > LEFT_OUT_BY_SERVER) {
      const { rows, at } = await takePast(new Set(options.skip), options, now, atMost);
      seen = at;
      return inOrder(rows, options.owner);
    }
    seen = UNSEEN;
    const { due, lease } = entrance;
    const rows = await take(NEXT_SQL, options, now, [due, lease, atMost]);
    const [row] = rows;
    entrance =
      row === undefined
        ? beginning
        : {
            ...entrance,
            due: row.firstDue ?? due,
            lease: Math.max(lease, (row.firstLease ?? 0) - CLOCKS_DIFFER_BY_MS),
          };
    return inOrder(rows, options.owner);
  };

  return {
    claimUpTo,
    async claim({ syncId, ...options }) {
      if (syncId === undefined) return (await claimUpTo(1, options))[0] ?? null;
      const [row] = await take(THIS_SQL, options, clock(), [syncId]);
      return row === undefined ? null : claimedFrom(row, options.owner);
    },
  };
}

const UNSEEN: Seen = { asked: 0, due: 0, endedAt: null, begunAt: 0, leftOut: new Set(), back: [] };

/** Returns where to look next: from the beginning once many spaces more may be asked, and now and then for the sake of others. */
function seenUntil(seen: Seen, leftOut: ReadonlySet<number>, now: number): Seen {
  const { begunAt, endedAt } = seen;
  const isOver =
    endedAt === null ? isLongAgo(begunAt, now, THROUGH_WITHIN_MS) : isLongAgo(endedAt, now, BELIEVED_FOR_MS);
  const back = new Set([...seen.back, ...seen.leftOut].filter((space) => !leftOut.has(space)));
  const isAnew = isOver || back.size > LEFT_OUT_BY_SERVER;
  return isAnew ? { ...UNSEEN, begunAt: now, leftOut } : { ...seen, leftOut, back: [...back] };
}

function isLongAgo(then: number, now: number, ms: number): boolean {
  return Math.abs(now - then) > ms;
}

/** `endedAt`: when this look has reached the end. What was due may be asked for later, so that part begins again and again. */
function seenAfter(at: Seen, found: readonly LookedAt[], endedAt: number | null): Seen {
  const asked = partOf(found, 'asked');
  return {
    ...at,
    asked: asked.length < LOOKED_AT_ONCE ? 0 : Math.max(...asked),
    due: Math.max(at.due, ...partOf(found, 'due')),
    endedAt: at.endedAt ?? endedAt,
    back: [],
  };
}

function partOf(found: readonly LookedAt[], part: LookedAt['part']): readonly number[] {
  return found.filter((each) => each.part === part).map(({ id }) => id);
}

function inOrder(rows: readonly ClaimedRow[], owner: string): readonly ClaimedSync[] {
  const claimed = rows.map((row) => claimedFrom(row, owner));
  return claimed.sort((a, b) => compareClaims(asItWaited(a), asItWaited(b)));
}

function asItWaited({ sync: { id, trigger }, isResumed }: ClaimedSync): Parameters<typeof compareClaims>[0] {
  return { id, trigger, status: isResumed ? 'IN_PROGRESS' : 'PENDING' };
}

function claimedFrom(row: ClaimedRow, owner: string): ClaimedSync {
  const sync = syncFromRow(row);
  const record = recordFromRow(row);
  return {
    sync,
    lease: { syncId: sync.id, spaceId: sync.spaceId, owner },
    isResumed: row.statusBefore === 'IN_PROGRESS',
    leftOff: continuedBy(record.leftOff, sync.mode),
    shownImages: row.shownImages,
    isRemovalAccepted: record.isRemovalAccepted,
    isRelocated: record.isRelocated,
    fingerprint: record.fingerprint,
    isRestored: record.isRestored,
    ...standingOf(record),
    isSubtreeBelieved: isSubtreeBelieved(record.evidence, row),
  };
}
