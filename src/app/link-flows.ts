import type { Logger } from 'pino';
import { underAny } from '../crawl/signals/joined-signals.js';
import type { LinkGrant, LinkOrigin, PendingLink } from '../domain/model/link.js';
import { baseOf } from '../domain/policy/linking.js';
import type { Clock, Sleep } from '../domain/ports/clock.js';
import type { AskJson } from '../webdav/nextcloud/ask-json.js';
import { pollLoginFlow, type StartedFlow, startLoginFlow } from '../webdav/nextcloud/login-flow.js';

/** Users who are expected to agree in their browsers. They are kept in memory alone: after a restart they begin anew. */
export interface LinkFlows {
  /** Begins a log-in at a storage, or returns the one that the user has already begun there. */
  begin(user: string, origin: LinkOrigin, signal: AbortSignal): Promise<FlowBegun>;
  pending(user: string): PendingLink | null;
  /** Gives a user's log-in up; false if there is none. */
  cancel(user: string): boolean;
  stop(): Promise<void>;
}

/** `too-many`: of this user, or of all. `trouble`: the storage did not answer as it should. */
export type FlowBegun =
  | { readonly pending: PendingLink }
  | { readonly failure: 'too-many' | 'trouble'; readonly detail: string };

interface Flow extends PendingLink {
  readonly user: string;
  readonly origin: LinkOrigin;
  readonly started: StartedFlow;
  nextPollAt: number;
}

/** How long Nextcloud keeps a log-in that has begun. */
const LIFETIME_MS = 20 * 60_000;
/** People look at the page meanwhile; nobody notices three seconds. */
const POLL_EVERY_MS = 3_000;
/** The interval after a poll that brought no proper answer. */
const AFTER_TROUBLE_MS = 15_000;
/** The least time between two polls of one storage, whoever they are for: four a second are no load for it. */
const POLL_GAP_MS = 250;
/** Log-ins that a user may begin within the lifetime of one: enough for those who close the page by mistake. */
const BEGUN_BY_USER = 5;
/** Log-ins that may be pending altogether: at the least interval a poll of each then comes every two minutes. */
const MOST_PENDING = 500;

/**
 * Creates the log-ins; `onGrant` is called with what a storage gave, or `onUnwanted` if its user has given up meanwhile,
 * and `onExpired` if nobody agreed in time.
 */
export function createLinkFlows(deps: {
  readonly cloudAt: (origin: LinkOrigin) => AskJson;
  readonly onGrant: (user: string, origin: LinkOrigin, grant: LinkGrant) => Promise<void>;
  readonly onUnwanted: (origin: LinkOrigin, grant: LinkGrant) => Promise<void>;
  readonly onExpired: (user: string) => void;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}): LinkFlows {
  const { cloudAt, clock, sleep, logger } = deps;
  const stopping = new AbortController();
  const flows = new Map<string, Flow>();
  /** When each user has begun log-ins lately. */
  const begun = new Map<string, readonly number[]>();
  const beginning = new Map<string, Promise<FlowBegun>>();
  /** The polling of each storage, while any log-in is pending there. */
  const loops = new Map<string, Promise<void>>();

  const drop = (flow: Flow) => {
    if (flows.get(flow.user) === flow) flows.delete(flow.user);
  };
  const alive = (user: string): Flow | null => {
    const flow = flows.get(user);
    if (flow === undefined || clock() < flow.expiresAt) return flow ?? null;
    drop(flow);
    deps.onExpired(user);
    return null;
  };

  const poll = async (flow: Flow) => {
    flow.nextPollAt = clock() + POLL_EVERY_MS;
    const answer = await pollLoginFlow(cloudAt(flow.origin), flow.started, stopping.signal);
    if ('trouble' in answer) {
      flow.nextPollAt = clock() + AFTER_TROUBLE_MS;
      logger.warn({ url: baseOf(flow.origin.url), detail: answer.trouble }, 'a log-in could not be followed');
    }
    if (!('grant' in answer)) return;
    const isWanted = flows.get(flow.user) === flow;
    drop(flow);
    if (isWanted) await deps.onGrant(flow.user, flow.origin, answer.grant);
    else await deps.onUnwanted(flow.origin, answer.grant);
  };

  const follow = async (base: string) => {
    for (;;) {
      const due = [...flows.values()]
        .filter(({ user, origin }) => baseOf(origin.url) === base && alive(user) !== null)
        .reduce<Flow | null>(
          (first, each) => (first !== null && first.nextPollAt <= each.nextPollAt ? first : each),
          null,
        );
      if (due === null) return;
      const waitMs = Math.min(due.nextPollAt - clock(), POLL_EVERY_MS);
      await sleep(Math.max(waitMs, POLL_GAP_MS), stopping.signal);
      if (flows.get(due.user) === due && due.nextPollAt <= clock()) await poll(due);
    }
  };
  const startFollowing = (base: string) => {
    if (loops.has(base)) return;
    const loop = follow(base)
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error({ err: error }, 'log-ins of users can no longer be followed');
      })
      .finally(() => loops.delete(base));
    loops.set(base, loop);
  };

  const mayBegin = (user: string): boolean => {
    const since = clock() - LIFETIME_MS;
    const lately = (begun.get(user) ?? []).filter((at) => at > since);
    if (lately.length >= BEGUN_BY_USER) return false;
    begun.set(user, [...lately, clock()]);
    for (const [other, times] of begun) if (times.every((at) => at <= since)) begun.delete(other);
    return true;
  };

  const start = async (user: string, origin: LinkOrigin, signal: AbortSignal): Promise<FlowBegun> => {
    if (flows.size >= MOST_PENDING) {
      return { failure: 'too-many', detail: 'too many users are connecting their storage just now; please try again' };
    }
    if (!mayBegin(user)) {
      const detail = `${BEGUN_BY_USER} log-ins were begun within ${LIFETIME_MS / 60_000} min; please try again later`;
      return { failure: 'too-many', detail };
    }
    const base = baseOf(origin.url) ?? '';
    const started = await startLoginFlow(cloudAt(origin), base, signal);
    if ('trouble' in started) {
      logger.warn({ url: base, detail: started.trouble }, 'a storage begins no log-in');
      return { failure: 'trouble', detail: `${base}: ${started.trouble}` };
    }
    const [loginUrl, expiresAt] = [started.loginUrl, clock() + LIFETIME_MS];
    flows.set(user, { user, origin, started, loginUrl, expiresAt, nextPollAt: clock() + POLL_EVERY_MS });
    startFollowing(base);
    return { pending: { loginUrl, expiresAt } };
  };

  const pending = (user: string): PendingLink | null => {
    const flow = alive(user);
    return flow && { loginUrl: flow.loginUrl, expiresAt: flow.expiresAt };
  };

  return {
    pending,
    async begin(user, origin, signal) {
      const flow = alive(user);
      if (flow?.origin === origin) return { pending: { loginUrl: flow.loginUrl, expiresAt: flow.expiresAt } };
      const under = beginning.get(user);
      if (under !== undefined) return await under;
      const work = underAny([signal, stopping.signal], (either) => start(user, origin, either)).finally(() =>
        beginning.delete(user),
      );
      beginning.set(user, work);
      return await work;
    },
    cancel: (user) => alive(user) !== null && flows.delete(user),
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      await Promise.all(loops.values());
    },
  };
}
