import { onShutdown, type ShutdownLog, type StopSignal } from '../../platform/shutdown.js';
import { EXIT } from './exit-code.js';
import type { Io } from './io.js';

/** About how long service managers and people wait before they kill a process. */
const STOP_TIMEOUT_MS = 10_000;

export interface InterruptibleOptions {
  readonly io: Io;
  readonly logger: ShutdownLog;
  /** The exit code after a signal; if omitted, a signal is the normal way to end, with success. */
  readonly interruptedCode?: (signal: StopSignal) => number;
  /** Handles SIGHUP as something other than an interruption, or returns false. */
  readonly onHangUp?: () => boolean;
}

/**
 * Runs a command that SIGTERM, SIGINT, SIGQUIT and SIGHUP may end: its abort signal fires, and it may take up to ten
 * seconds to finish. A second signal ends it at once. Returns the exit code.
 */
export async function interruptible(
  options: InterruptibleOptions,
  run: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const { io, logger, interruptedCode = () => EXIT.ok } = options;
  const controller = new AbortController();
  let caught: StopSignal | null = null;
  const attempt = async () => {
    try {
      const code = await run(controller.signal);
      return caught === null ? code : interruptedCode(caught);
    } catch (error) {
      if (caught === null || !isAbort(error)) throw error;
      return interruptedCode(caught);
    }
  };

  return await new Promise<number>((resolve, reject) => {
    const attempted = Promise.resolve().then(attempt); // starts only after the signal handlers are in place
    const release = onShutdown(
      (signal) => {
        caught = signal;
        controller.abort();
        return attempted.catch(() => EXIT.internal); // reported below
      },
      { process: io.process, exit: resolve, timeoutMs: STOP_TIMEOUT_MS, onHangUp: options.onHangUp, logger },
    );
    attempted.then(resolve, reject).finally(release);
  });
}

/** Resolves when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
