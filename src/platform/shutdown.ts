import { constants } from 'node:os';

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP';

/** SIGQUIT, too: by itself it leaves a core, with every secret of the process in it. */
const STOP_SIGNALS: readonly StopSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];
/** EX_SOFTWARE of sysexits.h. */
const CRASH_EXIT_CODE = 70;

/** The part of `process` that tells of its end. */
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
  /** Called once; what it is called with is the process's exit code. */
  exit(code: number): void;
  /** How long `stop` may take before the end is forced. */
  readonly timeoutMs: number;
  /** Takes SIGHUP for something else; where it isn't there, or answers false, that stops like the others. */
  readonly onHangUp?: (() => boolean) | undefined;
  readonly logger: ShutdownLog;
}

/** What a shell reports of a process that a signal ended: 130 for SIGINT, 131 for SIGQUIT, 143 for SIGTERM. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}

/**
 * At the first SIGTERM, SIGINT, SIGQUIT or (see `onHangUp`) SIGHUP calls `stop` and exits with the code that it
 * answers; at a second one, or when `stop` takes too long, exits at once as if the
 * signal had done it. Errors that nobody caught are logged and end the process with 70.
 * Answers a function that lets go of the process again.
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
