import type { Logger } from 'pino';
import { type Condition, conditionAfter, conditionOf, newsOf } from '../domain/model/news-of-syncs.js';
import type { Sync, SyncOutcome } from '../domain/model/sync.js';
import type { ClaimedSync } from '../domain/ports/sync-log.js';
import { createDigest } from './news/digest.js';
import type { RosterEntry } from './spaces/space-roster.js';

/** Reports syncs to the log. */
export interface SyncNews {
  /**
   * Reports the end of a sync. `outcome`: null if it was given up, to be resumed; `retryAt`: when a suspended space is
   * tried again.
   */
  ended(claimed: ClaimedSync, outcome: SyncOutcome | null, retryAt: number | null): void;
  brokeDown(claimed: ClaimedSync, error: unknown): void;
}

/**
 * Reports the syncs of a daemon, whose spaces are many and whose log is read for years: only what has changed, and no
 * more than can be read.
 */
export interface StandingNews extends SyncNews {
  /** Takes over the state of spaces that are new to it; reports those that another process found refused. */
  look(entries: Iterable<RosterEntry>): void;
  /** Makes the next sync of these spaces be reported, however it ends: something was done about them. */
  expect(spaceIds: Iterable<number>): void;
  stop(): void;
}

/** Changed lists are the purpose of a daemon, so they get more lines than any trouble. */
const CHANGES_PER_HOUR = 40;

const WORDS: Readonly<Record<Exclude<Condition, 'well'>, string>> = {
  suspended:
    'the storage refused the credentials; the space is suspended and its list stays as it was: it is not asked again until nextSyncOn, unless the credentials change or an administrator resumes the space',
  busy: 'the storage is overloaded; the next sync starts with what this one did not list',
  failing: 'sync failed; the list stays as it was',
  held: 'removals are held until they are confirmed',
  incomplete: 'sync was incomplete; parts of the list stay as they were',
};

/** Reports for a command: how each sync ended. */
export function createSyncNews(logger: Logger): SyncNews {
  return {
    ended(claimed, outcome, retryAt) {
      if (outcome === null) return tellInterruption(logger, claimed.sync);
      const condition = conditionAfter(outcome);
      tellMismatches(logger, claimed.sync, outcome);
      tellSearch(logger, claimed.sync, outcome);
      if (condition !== 'well') logger.warn(troubleFacts(claimed.sync, outcome, condition, retryAt), WORDS[condition]);
      else if (hasChanges(outcome)) logger.info(detailsOf(claimed.sync, outcome), CHANGED);
      else logger.debug(detailsOf(claimed.sync, outcome), NOTHING_NEW);
    },
    brokeDown: ({ sync }, err) => logger.error({ err, sync: sync.id, user: sync.user }, BROKE_DOWN),
  };
}

/** Reports for a daemon; `isHostDown`: whether a host's own line has reported the trouble of its spaces. */
export function createStandingNews(deps: {
  readonly logger: Logger;
  readonly isHostDown: (spaceId: number) => boolean;
}): StandingNews {
  const { logger, isHostDown } = deps;
  const digest = createDigest({ logger });
  const changes = createDigest({ logger, perHour: CHANGES_PER_HOUR });
  const conditions = new Map<number, Condition>();
  const expected = new Set<number>();

  return {
    ended(claimed, outcome, retryAt) {
      const { sync } = claimed;
      if (outcome === null) return tellInterruption(logger, sync);
      tellMismatches(logger, sync, outcome);
      tellSearch(logger, sync, outcome);
      const before = conditions.get(sync.spaceId) ?? 'well';
      const after = conditionAfter(outcome);
      const isAskedFor = expected.delete(sync.spaceId) || sync.trigger === 'request';
      const isDown = isHostDown(sync.spaceId);
      const news = newsOf({ before, after, hasChanges: hasChanges(outcome), isHostDown: isDown, isAskedFor });
      const { user: name } = sync;
      const facts = detailsOf(sync, outcome);
      if (news === 'recovery') digest.tell('recovery', { level: 'info', facts, message: RECOVERED, name });
      else if (news === 'changes') changes.tell('changes', { level: 'info', facts, message: CHANGED, name });
      if (after !== 'well') {
        const all = troubleFacts(sync, outcome, after, retryAt);
        if (news === 'trouble') digest.tell(after, { level: 'warn', facts: all, message: WORDS[after], name });
        else logger.debug(all, WORDS[after]);
      } else if (news === null) logger.debug(facts, NOTHING_NEW);
      // What only the host's line reported ends with it.
      if (!isDown || news !== null) conditions.set(sync.spaceId, after);
    },
    brokeDown({ sync }, err) {
      const facts = { err, sync: sync.id, user: sync.user };
      digest.tell('broken', { level: 'error', facts, message: BROKE_DOWN, name: sync.user });
    },
    look(entries) {
      for (const { space } of entries) {
        const now = conditionOf(space);
        const before = conditions.get(space.id);
        if (before === undefined) conditions.set(space.id, now);
        else if (now === 'suspended' && before !== now) {
          conditions.set(space.id, now);
          const facts = { user: space.user, errors: [space.trouble?.message], nextSyncOn: timeOf(space.nextSyncAt) };
          digest.tell(now, { level: 'warn', facts, message: WORDS[now], name: space.user });
        }
      }
    },
    expect(spaceIds) {
      for (const spaceId of spaceIds) expected.add(spaceId);
    },
    stop() {
      digest.stop();
      changes.stop();
    },
  };
}

const CHANGED = 'sync changed the list';
const NOTHING_NEW = 'sync found no changes';
const RECOVERED = 'the space is working again';
const BROKE_DOWN = 'sync failed unexpectedly';

function factsOf({ id, user, mode }: Sync) {
  return { sync: id, user, mode };
}

function detailsOf(sync: Sync, { status, counts }: SyncOutcome) {
  // In the words of the API.
  const { altered: changed, removed: deleted, ...others } = counts;
  return { ...factsOf(sync), status, ...others, changed, deleted };
}

function troubleFacts(sync: Sync, outcome: SyncOutcome, condition: Condition, retryAt: number | null) {
  const { errors, warnings, heldRemovals } = outcome;
  const details = detailsOf(sync, outcome);
  if (condition === 'held') return { ...details, heldRemovals };
  if (condition === 'incomplete') return { ...details, warnings };
  if (condition !== 'suspended') return { ...details, errors };
  return { ...details, errors, nextSyncOn: timeOf(retryAt) };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function hasChanges({ counts }: SyncOutcome): boolean {
  return counts.added + counts.altered + counts.removed > 0;
}

function tellInterruption(logger: Logger, sync: Sync): void {
  logger.info(factsOf(sync), 'sync interrupted');
}

function tellMismatches(logger: Logger, sync: Sync, { findings }: SyncOutcome): void {
  if (findings.mismatches === 0) return;
  logger.warn(
    { ...factsOf(sync), ...findings },
    'change markers proved unreliable; disabled for this space until full syncs have proven them again',
  );
}

function tellSearch(logger: Logger, sync: Sync, { search }: SyncOutcome): void {
  if (search?.found !== 'missed') return;
  logger.warn(
    { ...factsOf(sync), searchMisses: search.misses, searchTrouble: search.trouble },
    'the search of the storage proved unreliable; this space is only listed until full syncs have proven it again',
  );
}
