import type { Environment, NotifyLog } from './notify.js';

/** So soon after a check that failed is the next: one answer in the whole time keeps the service alive. */
const RETRY_MS = 1_000;

/**
 * How often the service manager wants to hear of this process, in ms: half of what it waits at most (sd_watchdog_enabled(3)).
 * null where it does not, or where another process is meant.
 */
export function watchdogInterval(environment: Environment, pid: number): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: owner } = environment;
  if (usec === undefined || !/^[1-9]\d{0,15}$/.test(usec)) return null;
  if (owner !== undefined && owner !== '' && owner !== String(pid)) return null;
  return Math.max(1, Math.floor(Number(usec) / 2_000));
}

export interface WatchdogOptions {
  readonly intervalMs: number;
  /** Rejects with the reason while a part of the process does not answer; may also hang. */
  readonly check: () => Promise<void>;
  readonly feed: () => Promise<void>;
  readonly logger: NotifyLog;
}

/**
 * Feeds the manager's watchdog at every interval, but only after a check that went well in less than one; otherwise the
 * check is made again, and the manager ends the process when none of them went well for too long.
 * Answers the function that ends it.
 */
export function startWatchdog({ intervalMs, check, feed, logger }: WatchdogOptions): () => void {
  const retryMs = Math.min(RETRY_MS, intervalMs);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isComplained = false;

  const turn = async () => {
    const trouble = await troubleOf(check, intervalMs);
    if (isOver) return;
    if (trouble === null) {
      isComplained = false;
      timer = setTimeout(turn, intervalMs); // not after the feeding, which takes its time, too
      await feed();
      return;
    }
    if (!isComplained) logger.warn({ err: trouble }, 'the watchdog is not fed: a part of the daemon does not answer');
    isComplained = true;
    timer = setTimeout(turn, retryMs);
  };
  void turn();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

async function troubleOf(check: () => Promise<void>, withinMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`no answer within ${withinMs} ms`)), withinMs);
  });
  const checked = check().then(
    () => null,
    (error: unknown) => error ?? new Error('it says nothing'),
  );
  const trouble = await Promise.race([checked, late]);
  clearTimeout(timer);
  return trouble;
}
