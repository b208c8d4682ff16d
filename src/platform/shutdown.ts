import { constants } from 'node:os';

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP';

/** Includes SIGQUIT, which by default leaves a core dump with every secret of the process. */
const STOP_SIGNALS: readonly StopSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];
/** EX_SOFTWARE of sysexits.h. */
const CRASH_EXIT_CODE = 70;

/** The events of `process` that concern its end. */
export interface ProcessEvents {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
}

/** The part of a logger that is needed at the end. */
export interface ShutdownLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
  fatal(details: object, message: string): void;
}

export interface ShutdownOptions {
  readonly process: ProcessEvents;
  /** Ends the process with this exit code; called once. */
  exit(code: number): void;
  /** How long `stop` may take, in ms, before the exit is forced. */
  readonly timeoutMs: number;
  /** Handles SIGHUP as something else; if absent, or if it returns false, SIGHUP stops the process like the others. */
  readonly onHangUp?: (() => boolean) | undefined;
  readonly logger: ShutdownLog;
}

/** The exit code that a shell reports after a signal: 130 for SIGINT, 131 for SIGQUIT, 143 for SIGTERM. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}

/**
 * At the first SIGTERM, SIGINT, SIGQUIT or (see `onHangUp`) SIGHUP, calls `stop` and exits with the code that it
 * returns. At a second one, or if `stop` takes too long, exits at once as if killed by the signal. Uncaught errors are
 * logged and end the process with 70. Returns a function that removes all handlers.
 */
export function onShutdown(stop: (signal: StopSignal) => Promise<number>, options: ShutdownOptions): () => void {
  const { logger } = options;
  let isStopping = false;
  let deadline: NodeJS.Timeout | undefined;

  let hasExited = false;
  const exit = (code: number) => {
    if (hasExited) return;
    hasExited = true;
    clearTimeout(deadline);
    options.exit(code);
  };
  const crash = (err: unknown) => {
    logger.fatal({ err }, 'an unexpected error ends the process');
    exit(CRASH_EXIT_CODE);
  };
  const force = (signal: StopSignal, why: string) => {
    logger.error({ signal }, why);
    exit(signalExitCode(signal));
  };
  const handleSignal = (signal: StopSignal) => {
    if (isStopping) return force(signal, 'a second signal: stopping at once');
    isStopping = true;
    logger.info({ signal }, 'stopping; a second signal stops at once');
    deadline = setTimeout(
      () => force(signal, `not stopped within ${options.timeoutMs} ms: giving up`),
      options.timeoutMs,
    );
    stop(signal).then(exit, crash);
  };

  const handleHangUp = () => {
    if (options.onHangUp?.() !== true) handleSignal('SIGHUP');
  };

  const listeners: readonly (readonly [string, (value: unknown) => void])[] = [
    ...STOP_SIGNALS.map((signal) => [signal, () => handleSignal(signal)] as const),
    ['SIGHUP', handleHangUp],
    ['uncaughtException', crash],
    ['unhandledRejection', crash],
  ];
  for (const [event, listener] of listeners) options.process.on(event, listener);
  return () => {
    for (const [event, listener] of listeners) options.process.off(event, listener);
    clearTimeout(deadline);
  };
}
