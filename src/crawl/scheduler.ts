import { createTask } from 'node-cron';
import type { Logger } from 'pino';
import type { Clock, SpaceRegistry } from '../domain/ports.js';
import { spreadOffsets } from '../domain/schedule.js';
import { type Rounds, startRounds } from './rounds.js';

export interface Scheduler {
  /** Plans these users from now on, beside the others. */
  plan(users: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Due spaces are looked for once a second: the finest grain of a schedule. */
const TURN_MS = 1_000;

/**
 * Files syncs when they are due. When that is stands in the database, so a
 * restart forgets nothing and rounds that were missed don't pile up: a space is
 * due or it isn't. node-cron says when a round starts; the spaces follow it one by one.
 */
export function startScheduler(deps: {
  readonly schedule: string;
  readonly fullSchedule: string;
  /** null: no space is polled. */
  readonly poll: string | null;
  readonly users: () => readonly string[];
  readonly registry: SpaceRegistry;
  /** Runs at the start of every incremental round; never rejects. */
  readonly onRound: () => Promise<void>;
  readonly onFiled: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}): Scheduler {
  const { registry, logger, clock } = deps;
  const incremental = startRounds(deps.schedule, () => startRound(), clock);
  const full = startRounds(deps.fullSchedule, () => turn(), clock);
  const poll = deps.poll === null ? null : startRounds(deps.poll, () => turn(), clock);
  const rounds = poll === null ? [incremental, full] : [incremental, full, poll];

  const offsetsOf = rememberLast(spreadOffsets);
  const pollOffsetsOf = rememberLast(spreadOffsets);

  const plan = async (planned: readonly string[]) => {
    const planRound = async (
      round: Parameters<SpaceRegistry['schedule']>[0],
      times: Rounds,
      offsets: ReadonlyMap<string, number>,
    ) => {
      const start = startOfRound(times, clock());
      const dueAt = new Map(planned.map((user) => [user, start + (offsets.get(user) ?? 0)]));
      if (dueAt.size > 0) await registry.schedule(round, dueAt);
    };
    const offsets = offsetsOf(deps.users(), intervalOf(incremental));
    await planRound('incremental', incremental, offsets);
    // A full round keeps to the pace of the incremental one: it shall not take a week.
    await planRound('full', full, offsets);
    if (poll !== null) await planRound('poll', poll, pollOffsetsOf(deps.users(), intervalOf(poll)));
  };

  let isTurning = false;
  let lastTurnAt = 0;
  const turn = async () => {
    if (isTurning) return;
    isTurning = true;
    try {
      // A clock that was set back leaves the planned times behind it far ahead.
      if (clock() < lastTurnAt) await plan(deps.users());
      lastTurnAt = clock();
      const filed = await registry.fileDue(clock());
      if (filed.length > 0) {
        await plan(filed.map((sync) => sync.user));
        deps.onFiled();
      }
    } catch (error) {
      logger.error({ err: error }, 'could not file due syncs; trying again');
    } finally {
      isTurning = false;
    }
  };

  const startRound = async () => {
    await turn();
    // Also those whose turn a waiting request took in: nothing was filed for them that would plan the next.
    await plan(deps.users()).catch((error: unknown) => logger.error({ err: error }, 'could not plan the next round'));
    await deps.onRound();
  };

  const timer = setInterval(() => void turn(), TURN_MS);
  return {
    plan,
    async stop() {
      clearInterval(timer);
      await Promise.all(rounds.map((each) => each.stop()));
    },
  };
}

/** The longest time between two of the coming rounds of a cron expression, in ms. */
export function longestInterval(schedule: string): number {
  const task = createTask(schedule, () => undefined);
  const runs = task.getNextRuns(ROUNDS_AHEAD).map((run) => run.getTime());
  void task.destroy();
  return runs.reduce((longest, run, i) => Math.max(longest, run - (runs[i - 1] ?? run)), 0) || DAY_MS;
}

/** Enough to meet the night or the weekend of an uneven schedule such as "*\/30 8-18 * * 1-5". */
const ROUNDS_AHEAD = 64;
const DAY_MS = 86_400_000;

/** From the next round to the one after it. */
function intervalOf(rounds: Rounds): number {
  const [first, second] = rounds.next(2);
  return first && second ? second.getTime() - first.getTime() : DAY_MS;
}

function startOfRound(rounds: Rounds, now: number): number {
  return rounds.next(1)[0]?.getTime() ?? now + DAY_MS;
}

/** Spreading 100,000 users takes a sixth of a second, and the same list is asked for at every turn. */
function rememberLast<A, B, R>(compute: (a: A, b: B) => R): (a: A, b: B) => R {
  let last: { a: A; b: B; result: R } | null = null;
  return (a, b) => {
    if (last === null || last.a !== a || last.b !== b) last = { a, b, result: compute(a, b) };
    return last.result;
  };
}
