import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OvadexError } from '../domain/model/errors.js';

/** Brings changed configurations into effect, whatever is in the way at first. */
export interface Reloads<Settings> {
  /** Settles when the settings are in effect, or have to wait for that; never rejects. */
  apply(next: Settings): Promise<void>;
  /** Why the latest settings are not in effect yet, without anything internal; null where they are. */
  trouble(): string | null;
  /** Nothing is tried again from here on. */
  end(): void;
}

export interface ReloadTimes {
  readonly patienceMs: number;
  readonly pauseMs: number;
  readonly retryEveryMs: number;
}

const TIMES: ReloadTimes = {
  // A backup tool or a VACUUM of a large index holds its lock for so long, and nobody has to hear of it.
  patienceMs: 30_000,
  // Each try has waited for the lock itself.
  pauseMs: 1_000,
  // What takes longer is mended by a person: a full disk, the rights of a folder.
  retryEveryMs: 60_000,
};

/** `reload` rejects where it brought nothing into effect, and may be repeated then. */
export function createReloads<Settings>(
  reload: (next: Settings) => Promise<void>,
  { logger, times = TIMES }: { readonly logger: Logger; readonly times?: ReloadTimes },
): Reloads<Settings> {
  const ending = new AbortController();
  let latest: { readonly settings: Settings } | null = null;
  let isWaiting = false;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  /** Waits for an index that somebody else holds, as long as that isn't worth a word. */
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
      if (isWaiting) logger.info('the changed configuration is in effect now');
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
