import type { Environment, NotifyLog } from './notify.js';

/** How soon a failed check is repeated: a single success within the time limit keeps the service alive. */
const RETRY_MS = 1_000;

/**
 * How often to notify the service manager, in ms: half of its time limit (sd_watchdog_enabled(3)). Returns null if it
 * doesn't want that, or from another process.
 */
export function watchdogInterval(environment: Environment, pid: number): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: owner } = environment;
  if (usec === undefined || !/^[1-9]\d{0,15}$/.test(usec)) return null;
  if (owner !== undefined && owner !== '' && owner !== String(pid)) return null;
  return Math.max(1, Math.floor(Number(usec) / 2_000));
}

export interface WatchdogOptions {
  readonly intervalMs: number;
  /** Rejects with the reason while part of the process does not answer; may also hang. */
  readonly check: () => Promise<void>;
  readonly feed: () => Promise<void>;
  readonly logger: NotifyLog;
}

/**
 * Feeds the manager's watchdog at every interval, but only after a check that succeeded within one interval. Otherwise
 * the check is repeated, and if none succeeds in time, the manager ends the process. Returns a function that stops the
 * feeding.
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
      timer = setTimeout(turn, intervalMs); // started before feeding, which takes time itself
      await feed();
      return;
    }
    if (!isComplained) logger.warn({ err: trouble }, 'the watchdog is not fed: part of the daemon does not answer');
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
    (error: unknown) => error ?? new Error('no reason given'),
  );
  const trouble = await Promise.race([checked, late]);
  clearTimeout(timer);
  return trouble;
}
