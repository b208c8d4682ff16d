import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OvadexError } from '../../domain/model/errors.js';

/** Brings changed configurations into effect, and retries if something is in the way. */
export interface Reloads<Settings> {
  /** Resolves when the settings are in effect, or have to wait; never rejects. */
  apply(next: Settings): Promise<void>;
  /** Why the latest settings are not in effect yet, without internal details; null if they are. */
  trouble(): string | null;
  /** Ends all retries. */
  end(): void;
}

export interface ReloadTimes {
  readonly patienceMs: number;
  readonly pauseMs: number;
  readonly retryEveryMs: number;
}

const TIMES: ReloadTimes = {
  // A backup tool or a VACUUM of a large index may hold its lock this long, which is not worth a log line.
  patienceMs: 30_000,
  // A short pause, since each attempt has itself waited for the lock.
  pauseMs: 1_000,
  // Anything that lasts longer has to be fixed by a person: a full disk, or the permissions of a folder.
  retryEveryMs: 60_000,
};

/** Sets up reloads. `reload` must reject if it brought nothing into effect, and may then be repeated. */
export function createReloads<Settings>(
  reload: (next: Settings) => Promise<void>,
  { logger, times = TIMES }: { readonly logger: Logger; readonly times?: ReloadTimes },
): Reloads<Settings> {
  const ending = new AbortController();
  let latest: { readonly settings: Settings } | null = null;
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  /** Retries silently for a while if another process holds the index. */
  const patiently = async (settings: Settings): Promise<void> => {
    const deadline = performance.now() + times.patienceMs;
    for (;;) {
      try {
        return await reload(settings);
      } catch (error) {
        const isIndex = error instanceof OvadexError && error.code === 'index';
        if (!isIndex || performance.now() >= deadline || ending.signal.aborted) throw error;
        await delay(times.pauseMs, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  };

  const attempt = async () => {
    clearTimeout(timer);
    if (latest === null || ending.signal.aborted) return;
    const tried = latest;
    try {
      await patiently(tried.settings);
      if (isWaiting) logger.info('the changed configuration is now in effect');
      isWaiting = false;
      if (latest === tried) latest = null;
    } catch (err) {
      if (ending.signal.aborted) return;
      isWaiting = true;
      logger.error({ err }, AGAIN);
      timer = setTimeout(next, times.retryEveryMs);
      timer.unref();
    }
  };
  const next = () => {
    last = last.then(attempt);
    return last;
  };

  return {
    apply(settings) {
      latest = { settings };
      return next();
    },
    trouble: () => (isWaiting ? TROUBLE : null),
    end() {
      ending.abort();
      clearTimeout(timer);
    },
  };
}

const AGAIN =
  'the changed configuration is not in effect yet: the crawler could not switch to it; retrying every minute, while lists are still served';
const TROUBLE = 'a changed configuration is not in effect yet; the log says why, and it is retried every minute';
