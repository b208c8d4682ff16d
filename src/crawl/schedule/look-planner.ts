import type { Logger } from 'pino';
import type { LookSpace } from '../../domain/freshness/look.js';
import { equalInterval, lookInterval, type Shares, shareOut } from '../../domain/freshness/look-budget.js';
import { affordableAt, charged } from '../../domain/freshness/look-pace.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';

/** Plans when spaces are looked at within the budget of their storages. */
export interface LookPlanner {
  /** Whether the budget decides on this user's space; otherwise rounds of polls do. */
  decidesOn(user: string): boolean;
  /** Shares the budgets out by what is known by now, and plans spaces on which they decide and that aren't planned. */
  share(): Promise<void>;
  /** Plans the next look at the space of a sync that has ended. Returns whether the budget decides on it. */
  syncEnded(user: string): Promise<boolean>;
}

/** What looks may take of each storage. */
export interface LookBudget {
  /** Returns the origin of a user's storage; undefined for one who is not crawled here. */
  readonly originOf: (user: string) => string | undefined;
  /** Returns what looks at spaces of this origin may take, in requests a second. */
  readonly requestsPerSecond: (origin: string) => number;
  /**
   * `all`: the budget decides on every space. `dear`: on spaces that are polled, where polling all of them in rounds
   * would take more than the budget.
   */
  readonly decides: 'all' | 'dear';
}

export interface LookPlannerDeps extends LookBudget {
  readonly registry: Pick<SpaceRegistry, 'looks' | 'schedule'>;
  /** Time between two rounds of polls, and between two of the schedule, in ms: no space is looked at more often or more rarely. */
  readonly bounds: () => { readonly shortestMs: number; readonly longestMs: number };
  /** Moves a time to one at which polls are allowed. */
  readonly allowedAt: (at: number, user: string) => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One storage's budget as it is shared out. */
interface Account {
  readonly requestsPerMs: number;
  readonly shares: Shares;
  /** By user. */
  readonly spaces: Map<string, LookSpace>;
  spentUntil: number;
}

export function createLookPlanner(deps: LookPlannerDeps): LookPlanner {
  const { registry, originOf, clock, logger } = deps;
  let accounts = new Map<string, Account>();
  /** Origins whose schedule alone takes more than the budget, which the log has said. */
  const overdrawn = new Set<string>();

  const isTakenIn = (space: LookSpace) => deps.decides === 'all' || space.isPolled;

  const open = (origin: string, spaces: readonly LookSpace[]): Account | null => {
    const requestsPerMs = deps.requestsPerSecond(origin) / 1_000;
    const { shortestMs, longestMs } = deps.bounds();
    const equalMs = equalInterval(spaces, requestsPerMs);
    if (deps.decides === 'all') tellOfOverdraft(origin, equalMs, longestMs, requestsPerMs);
    else if (equalMs <= shortestMs) return null;
    return {
      requestsPerMs,
      shares: shareOut(spaces, requestsPerMs, { shortestMs, longestMs }),
      spaces: new Map(spaces.map((space) => [space.user, space])),
      spentUntil: accounts.get(origin)?.spentUntil ?? 0,
    };
  };
  const tellOfOverdraft = (origin: string, equalMs: number, scheduleMs: number, requestsPerMs: number) => {
    if (equalMs <= scheduleMs) return void overdrawn.delete(origin);
    if (overdrawn.has(origin)) return;
    overdrawn.add(origin);
    const needed = Number(((equalMs / scheduleMs) * requestsPerMs * 1_000).toPrecision(2));
    const budget = Number((requestsPerMs * 1_000).toPrecision(2));
    logger.warn(
      { origin, needed, budget },
      'crawl.schedule alone takes more requests a second of this storage than crawl.budget allows; set crawl.schedule to fewer times, or raise crawl.budget',
    );
  };

  /** Charges a look and returns when it may be. */
  const place = (account: Account, space: LookSpace, wantedAt: number): number => {
    const now = clock();
    const at = affordableAt(wantedAt, account.spentUntil, now);
    account.spentUntil = charged(account.spentUntil, space.cost, account.requestsPerMs, now);
    return deps.allowedAt(Math.ceil(at), space.user);
  };
  const wantedAt = ({ shares }: Account, space: LookSpace) => space.lastSuccessAt + lookInterval(shares, space);

  const planAll = async (account: Account, isNew: boolean) => {
    // One that isn't planned is being looked at just now, if not by this process.
    const earliest = isNew ? 0 : clock() + account.shares.shortestMs;
    const wanted = [...account.spaces.values()]
      .filter(({ pollDueAt }) => isNew || pollDueAt === null)
      .map((space) => ({ space, at: Math.max(wantedAt(account, space), earliest) }))
      .sort((a, b) => a.at - b.at);
    const dueAt = new Map(wanted.map(({ space, at }) => [space.user, place(account, space, at)]));
    if (dueAt.size > 0) await registry.schedule('look', dueAt);
  };

  return {
    decidesOn: (user) => accounts.get(originOf(user) ?? '')?.spaces.has(user) ?? false,
    async share() {
      const byOrigin = new Map<string, LookSpace[]>();
      for (const space of await registry.looks(null)) {
        const origin = originOf(space.user);
        if (origin === undefined || !isTakenIn(space)) continue;
        const its = byOrigin.get(origin);
        if (its === undefined) byOrigin.set(origin, [space]);
        else its.push(space);
      }
      const before = accounts;
      const next = new Map<string, Account>();
      for (const [origin, spaces] of byOrigin) {
        const account = open(origin, spaces);
        if (account !== null) next.set(origin, account);
      }
      accounts = next;
      for (const [origin, account] of next) await planAll(account, !before.has(origin));
    },
    async syncEnded(user) {
      const account = accounts.get(originOf(user) ?? '');
      if (account === undefined) return false;
      const [space] = await registry.looks(user);
      if (space === undefined || !isTakenIn(space)) {
        account.spaces.delete(user);
        return false;
      }
      account.spaces.set(user, space);
      await registry.schedule('look', new Map([[user, place(account, space, wantedAt(account, space))]]));
      return true;
    },
  };
}
