import { createNotifier, type Environment, type NotifyLog } from './notify.js';
import { startWatchdog, watchdogInterval } from './watchdog.js';

/** What the service manager wants to know of whatever it runs. */
export interface Service {
  /** One line for people: what it is doing. */
  status(): Promise<string>;
  /** Rejects with the reason while a part of it does not answer. */
  check(): Promise<void>;
}

/** Tells systemd how the daemon stands, where systemd wants to know. Nothing here rejects. */
export interface ServiceManager {
  /** It serves; from here on its status is told and the watchdog is fed. */
  started(service: Service): Promise<void>;
  /** Settles once that is known: only then may `reloaded` follow. */
  reloading(): Promise<void>;
  reloaded(): Promise<void>;
  stopping(): Promise<void>;
}

export interface ServiceManagerOptions {
  readonly environment: Environment;
  readonly pid: number;
  readonly logger: NotifyLog;
  readonly statusEveryMs?: number;
}

/** Whoever reads `systemctl status` doesn't mind that; a process and a look at each space are cheap at this rate. */
const STATUS_EVERY_MS = 10_000;

/** Connects to the manager that the environment names; without one there is nothing to do, and nothing is done. */
export function connectServiceManager(options: ServiceManagerOptions): ServiceManager {
  const { environment, pid, logger, statusEveryMs = STATUS_EVERY_MS } = options;
  const notify = createNotifier({ environment, logger });
  if (notify === null) {
    const nothing = () => Promise.resolve();
    return { started: nothing, reloading: nothing, reloaded: nothing, stopping: nothing };
  }
  let service: Service | undefined;
  let lastStatus = '';
  let endWatchdog = () => {};
  let statusTimer: NodeJS.Timeout | undefined;
  let isStopping = false;

  /** The status, if it differs from what was told last. */
  const news = async (): Promise<{ STATUS?: string }> => {
    try {
      const status = (await service?.status()) ?? '';
      if (status === lastStatus) return {};
      lastStatus = status;
      return { STATUS: status };
    } catch (err) {
      // The watchdog judges; this is but a line for people.
      logger.warn({ err }, 'the status could not be told to the service manager');
      return {};
    }
  };
  const tellStatus = async () => {
    const status = await news();
    if (isStopping) return;
    if (status.STATUS !== undefined) await notify({ STATUS: status.STATUS });
    if (!isStopping) statusTimer?.refresh();
  };

  return {
    async started(started) {
      service = started;
      await notify({ READY: '1', ...(await news()) });
      if (isStopping) return;
      statusTimer = setTimeout(() => void tellStatus(), statusEveryMs);
      const intervalMs = watchdogInterval(environment, pid);
      if (intervalMs === null) return;
      endWatchdog = startWatchdog({ intervalMs, check: service.check, feed: () => notify({ WATCHDOG: '1' }), logger });
    },
    // The manager tells by the time (CLOCK_MONOTONIC) whether this is the reload that it asked for.
    reloading: () => notify({ RELOADING: '1', MONOTONIC_USEC: String(process.hrtime.bigint() / 1_000n) }),
    reloaded: async () => {
      const status = await news();
      if (!isStopping) await notify({ READY: '1', ...status });
    },
    stopping() {
      isStopping = true;
      endWatchdog();
      clearTimeout(statusTimer);
      return notify({ STOPPING: '1', STATUS: 'stopping: answers are drained, syncs end at a commit' });
    },
  };
}
