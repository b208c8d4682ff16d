import type { Logger } from 'pino';
import { spreadOffsets } from '../../domain/model/schedule.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';
import { tellOnce } from '../news/tell-once.js';
import { startRounds } from './cron-rounds.js';
import { type CronTimes, readCron } from './cron-times.js';
import { type HostLead, soleLead } from './lead.js';
import { createLookPlanner, type LookBudget } from './look-planner.js';

export interface Scheduler {
  /** Adds these users to the plan, besides the others. */
  plan(users: readonly string[]): Promise<void>;
  /** Makes syncs of these users' spaces due from now on, one after the other. Never rejects. */
  hurry(users: readonly string[]): Promise<void>;
  /** Notes that a sync of this user's space has ended, which may allow its polls from now on. Never rejects. */
  syncEnded(user: string): Promise<void>;
  /** Plans all users once this process has come to lead others. */
  takeOver(): Promise<void>;
  stop(): Promise<void>;
}

/** Due spaces are looked for once a second, the finest grain of a schedule. */
const TURN_MS = 1_000;

/**
 * Budgets follow what looks have found, and polls of what other hosts have looked at are planned; with 100,000 spaces it takes
 * some tenths of a second.
 */
const SHARE_EVERY_MS = 60_000;

/** Thousands of spaces of a host that is back are spread over minutes instead of hitting it as it starts. */
const BETWEEN_HURRIED_MS = 20;

/**
 * Files syncs when they are due. Due times are in the database, so a restart forgets nothing and missed rounds don't
 * pile up: a space is due or it isn't. A cron expression says when a round starts; the spaces follow one by one. Of several
 * hosts only the leader files and plans; the others' syncs that are hurried are filed by it.
 */
export function startScheduler(deps: {
  readonly schedule: string;
  readonly fullSchedule: string;
  /** null: no space is polled. */
  readonly poll: string | null;
  /** null, or no polls: each space is polled in every round. */
  readonly budget?: LookBudget | null;
  /** As in `readCron`. */
  readonly timeZone?: string | null;
  readonly users: () => readonly string[];
  readonly registry: SpaceRegistry;
  /** If left out, this process shares the index with no host. */
  readonly lead?: HostLead;
  /** Runs at the start of every incremental round; never rejects. */
  readonly onRound: () => Promise<void>;
  readonly onFiled: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}): Scheduler {
  const { registry, logger, clock, lead = soleLead } = deps;
  const start = (schedule: string, run: () => Promise<void>) => startRounds(schedule, run, clock, deps.timeZone);
  const incremental = start(deps.schedule, () => startRound());
  const full = start(deps.fullSchedule, () => turn());
  const poll = deps.poll === null ? null : start(deps.poll, () => turn());
  const rounds = poll === null ? [incremental, full] : [incremental, full, poll];

  const offsetsOf = rememberLast(spreadOffsets);
  const pollOffsetsOf = rememberLast(spreadOffsets);

  const looks =
    poll === null || !deps.budget
      ? null
      : createLookPlanner({
          ...deps.budget,
          registry,
          bounds: () => ({
            shortestMs: intervalOf(poll.times, clock()),
            longestMs: intervalOf(incremental.times, clock()),
          }),
          allowedAt(at, user) {
            const intervalMs = intervalOf(poll.times, clock());
            const round = poll.times.next(at - intervalMs);
            return round <= at ? at : round + (pollOffsetsOf(deps.users(), intervalMs).get(user) ?? 0);
          },
          clock,
          logger,
        });
  const sharing = tellOnce(logger, {
    begun: 'could not share out the budget of looks; trying again',
    over: 'sharing out the budget of looks works again',
  });
  const shareOut = async () => {
    if (lead.held() === null) return;
    try {
      await looks?.share();
      sharing.over();
    } catch (error) {
      sharing.note(error);
    }
  };
  let firstShare: Promise<void> | null = null;

  const planRound = async (
    round: Parameters<SpaceRegistry['schedule']>[0],
    times: CronTimes,
    planned: readonly string[],
    offsets: ReadonlyMap<string, number>,
    earliest: (user: string) => number = () => 0,
  ) => {
    const next = times.next(clock());
    const roundAt = Number.isFinite(next) ? next : clock() + DAY_MS;
    const dueAt = new Map(planned.map((user) => [user, Math.max(roundAt + (offsets.get(user) ?? 0), earliest(user))]));
    if (dueAt.size > 0) await registry.schedule(round, dueAt);
  };
  const planPolls = async (planned: readonly string[]) => {
    if (poll === null) return;
    const inRounds = looks === null ? planned : planned.filter((user) => !looks.decidesOn(user));
    await planRound('poll', poll.times, inRounds, pollOffsetsOf(deps.users(), intervalOf(poll.times, clock())));
  };
  const plan = async (planned: readonly string[]) => {
    if (lead.held() === null) return;
    firstShare ??= shareOut();
    await firstShare;
    const intervalMs = intervalOf(incremental.times, clock());
    const offsets = offsetsOf(deps.users(), intervalMs);
    // A round passes over what the budget has had looked at: the schedule says how long a space waits at the most.
    const passedOver = clock() + intervalMs;
    const earliest = looks === null ? undefined : (user: string) => (looks.decidesOn(user) ? passedOver : 0);
    await planRound('incremental', incremental.times, planned, offsets, earliest);
    // A full round keeps the pace of the incremental one, so that it doesn't take a week.
    await planRound('full', full.times, planned, offsets);
    await planPolls(planned);
  };

  const trouble = tellOnce(logger, {
    begun: 'could not file due syncs; trying again',
    over: 'filing due syncs works again',
  });
  let isTurning = false;
  let lastTurnAt = 0;
  /** Whether a space may have no next time: a filing whose answer was lost has filed it all the same, or planning has failed. */
  let isAnyUnplanned = false;
  const turn = async () => {
    const held = lead.held();
    if (isTurning || held === null) return;
    isTurning = true;
    try {
      // A clock that was set back leaves the planned times far in the future.
      if (clock() < lastTurnAt) await plan(deps.users());
      lastTurnAt = clock();
      const mustPlanAll = isAnyUnplanned;
      isAnyUnplanned = true;
      const { filed, takenIn } = await registry.fileDue(clock(), held);
      const users = mustPlanAll ? deps.users() : [...filed.map((sync) => sync.user), ...takenIn];
      if (users.length > 0) await plan(users);
      isAnyUnplanned = false;
      if (filed.length > 0) deps.onFiled();
      trouble.over();
    } catch (error) {
      trouble.note(error);
    } finally {
      isTurning = false;
    }
  };

  const logPlanless = (error: unknown) => logger.error({ err: error }, 'could not plan the next round');

  const startRound = async () => {
    await turn();
    await plan(deps.users()).catch(logPlanless);
    await deps.onRound();
  };

  /** No other host says that a sync has ended there. */
  const planLeft = async () => {
    if (poll === null || lead === soleLead || lead.held() === null) return;
    const left = (await registry.looks(null)).filter(({ isPolled, pollDueAt }) => isPolled && pollDueAt === null);
    await planPolls(left.map(({ user }) => user));
  };

  const timer = setInterval(() => void turn(), TURN_MS);
  const isSharing = looks !== null || (poll !== null && lead !== soleLead);
  const shares = isSharing
    ? setInterval(() => void shareOut().then(planLeft).catch(logPlanless), SHARE_EVERY_MS)
    : null;
  return {
    plan,
    async hurry(users) {
      const now = clock();
      const dueAt = new Map(users.map((user, rank) => [user, now + rank * BETWEEN_HURRIED_MS]));
      if (dueAt.size > 0) await registry.schedule('incremental', dueAt).catch(logPlanless);
    },
    async syncEnded(user) {
      if (lead.held() === null) return;
      try {
        const wasDecided = looks?.decidesOn(user) ?? false;
        if (looks !== null && (await looks.syncEnded(user))) return;
        // A space that is no longer in order has its rounds back, which may have passed over it.
        await (wasDecided ? plan([user]) : planPolls([user]));
      } catch (error) {
        logPlanless(error);
      }
    },
    async takeOver() {
      firstShare = null;
      await plan(deps.users());
    },
    async stop() {
      clearInterval(timer);
      if (shares !== null) clearInterval(shares);
      for (const each of rounds) each.stop();
    },
  };
}

/**
 * Returns the longest time between two of the coming rounds of a cron expression, in ms; `timeZone` as in `readCron`.
 */
export function longestInterval(schedule: string, timeZone: string | null = null): number {
  const times = readCron(schedule, timeZone);
  const first = times.next(Date.now());
  let longest = 0;
  let last = first;
  for (let round = 0; round < ROUNDS_AHEAD && last < first + MOST_AHEAD_MS; round++) {
    const next = times.next(last);
    if (!Number.isFinite(next)) break;
    longest = Math.max(longest, next - last);
    last = next;
  }
  return longest || DAY_MS;
}

/** Enough to include the night or the weekend of an uneven schedule such as "*\/30 8-18 * * 1-5". */
const ROUNDS_AHEAD = 64;
const DAY_MS = 86_400_000;
/** Eight years, which include a leap year: rounds of a yearly schedule are far apart, and each day between them takes its time. */
const MOST_AHEAD_MS = 8 * 366 * DAY_MS;

/** Returns the time from the next round to the one after it, in ms. */
function intervalOf(times: CronTimes, now: number): number {
  const [first, second] = times.following(now, 2);
  return first !== undefined && second !== undefined ? second - first : DAY_MS;
}

/**
 * Remembers the last result: spreading 100,000 users takes a sixth of a second, and the same list is needed at every
 * turn.
 */
function rememberLast<A, B, R>(compute: (a: A, b: B) => R): (a: A, b: B) => R {
  let last: { a: A; b: B; result: R } | null = null;
  return (a, b) => {
    if (last === null || last.a !== a || last.b !== b) last = { a, b, result: compute(a, b) };
    return last.result;
  };
}
