import type { Logger } from 'pino';
import type { OpenedLink, Revoked } from '../domain/model/link.js';
import type { Clock, Sleep } from '../domain/ports/clock.js';

type Ended = Pick<OpenedLink, 'server' | 'loginName' | 'password'>;

/** Ends app passwords that are of no more use, so that none stays good at its storage. */
export interface Revocations {
  /** Ends one; returns why it could not, or null. It is then tried again, for as long as the program runs. */
  end(link: Ended): Promise<string | null>;
  /**
   * Ends one that its storage has refused. Most are gone, and a try counts as a failed log-in there; but one of a user
   * who was disabled, or whose password had changed, is good again once the user has logged in. So at most one of those
   * that are gone is tried in half an hour.
   */
  endRefused(link: Ended): void;
  stop(): Promise<void>;
}

/** When one is tried again that could not be ended: a restart, an upgrade and a night of maintenance pass meanwhile. */
const AGAIN_AFTER_MS = [60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];
/** A storage that is away for a day while all its users renew their links would leave more than anybody needs to keep. */
const MOST_AT_ONCE = 1_000;
/** For so long Nextcloud counts a failed log-in of an address. */
const FAILURE_COUNTS_FOR_MS = 30 * 60_000;

export function createRevocations(deps: {
  readonly revoke: (link: Ended, signal: AbortSignal) => Promise<Revoked>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}): Revocations {
  const { revoke, clock, sleep, logger } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Set<Promise<void>>();
  /** Those that were refused are tried one after the other: each may be the one that tells to stop. */
  let lastTry: Promise<void> = Promise.resolve();
  /** When each storage last had a failed log-in because of one that is gone. */
  const failedAt = new Map<string, number>();

  const tellLeft = ({ server, loginName }: Ended) => {
    const action = 'its user can remove it in the security settings there';
    logger.warn({ server, loginName, action }, 'an app password that is no longer used could not be revoked');
  };
  const run = (work: Promise<void>): Promise<void> => {
    const followed = work
      .catch((err: unknown) => {
        if (!signal.aborted) logger.error({ err }, 'an app password could not be revoked');
      })
      .finally(() => running.delete(followed));
    running.add(followed);
    return followed;
  };

  const tryAgain = async (link: Ended) => {
    let isEnded = false;
    try {
      for (const ms of AGAIN_AFTER_MS) {
        await sleep(ms, signal);
        isEnded = (await revoke(link, signal)).outcome !== 'failed';
        if (isEnded) return;
      }
    } finally {
      if (!isEnded) tellLeft(link);
    }
  };

  const tryRefused = async (link: Ended) => {
    const { server } = link;
    if (clock() - (failedAt.get(server) ?? Number.NEGATIVE_INFINITY) < FAILURE_COUNTS_FOR_MS) return;
    const { outcome } = await revoke(link, signal);
    if (outcome === 'gone') failedAt.set(server, clock());
  };

  return {
    async end(link) {
      const ended = await revoke(link, signal);
      if (ended.outcome !== 'failed') return null;
      if (link.password !== null && running.size < MOST_AT_ONCE) void run(tryAgain(link));
      else tellLeft(link);
      return ended.detail;
    },
    endRefused(link) {
      if (link.password === null || running.size >= MOST_AT_ONCE) return;
      const before = lastTry;
      lastTry = run(before.then(() => tryRefused(link)));
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      await Promise.all(running);
    },
  };
}
