import { createNotifier, type Environment, type NotifyLog } from './notify.js';
import { startWatchdog, watchdogInterval } from './watchdog.js';

/** What the service manager wants to know about the daemon. */
export interface Service {
  /** Describes in one line for people what it is doing. */
  status(): Promise<string>;
  /** Rejects with the reason while part of it does not answer. */
  check(): Promise<void>;
}

/** Keeps systemd informed about the daemon, if systemd asked for it. Nothing here rejects. */
export interface ServiceManager {
  /** Call it once the daemon serves: from then on its status is reported and the watchdog is fed. */
  started(service: Service): Promise<void>;
  /** Resolves once systemd knows of the reload; only then may `reloaded` follow. */
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

/** Recent enough for `systemctl status`; at this rate, starting a process and checking each space are cheap. */
const STATUS_EVERY_MS = 10_000;

/** Connects to the service manager named in the environment; without one, all calls do nothing. */
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

  /** Returns the status if it differs from the last one reported. */
  const news = async (): Promise<{ STATUS?: string }> => {
    try {
      const status = (await service?.status()) ?? '';
      if (status === lastStatus) return {};
      lastStatus = status;
      return { STATUS: status };
    } catch (err) {
      // Not a failure, since the watchdog judges that; this is only a line for people.
      logger.warn({ err }, 'could not report the status to the service manager');
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
    // From the time (CLOCK_MONOTONIC) the manager sees whether this is the reload that it asked for.
    reloading: () => notify({ RELOADING: '1', MONOTONIC_USEC: String(process.hrtime.bigint() / 1_000n) }),
    reloaded: async () => {
      const status = await news();
      if (!isStopping) await notify({ READY: '1', ...status });
    },
    stopping() {
      isStopping = true;
      endWatchdog();
      clearTimeout(statusTimer);
      return notify({ STOPPING: '1', STATUS: 'stopping: finishing responses, ending syncs at a commit' });
    },
  };
}
