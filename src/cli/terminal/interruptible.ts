import { onShutdown, type ShutdownLog, type StopSignal } from '../../platform/shutdown.js';
import { EXIT } from './exit-code.js';
import type { Io } from './io.js';

/** Service managers and people wait about this long before they use force. */
const STOP_TIMEOUT_MS = 10_000;

export interface InterruptibleOptions {
  readonly io: Io;
  readonly logger: ShutdownLog;
  /** The exit code after a signal; where it isn't given, an interruption is the way to end and all is well. */
  readonly interruptedCode?: (signal: StopSignal) => number;
  /** Takes SIGHUP for something else than an interruption, or answers false. */
  readonly onHangUp?: () => boolean;
}

/**
 * Runs a command that SIGTERM, SIGINT, SIGQUIT and SIGHUP may end: its signal aborts, and it ends in its own
 * time, ten seconds at most. A second signal ends it at once. Answers the exit code.
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
    const attempted = Promise.resolve().then(attempt); // once signals are listened for
    const release = onShutdown(
      (signal) => {
        caught = signal;
        controller.abort();
        return attempted.catch(() => EXIT.internal); // told below
      },
      { process: io.process, exit: resolve, timeoutMs: STOP_TIMEOUT_MS, onHangUp: options.onHangUp, logger },
    );
    attempted.then(resolve, reject).finally(release);
  });
}

/** Settles when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
