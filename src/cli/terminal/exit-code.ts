import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';

/**
 * Exit codes of commands. Numbers from 64 on are those of sysexits.h. A command that a signal ended exits with 128 +
 * the signal's number, as in a shell.
 */
export const EXIT = {
  ok: 0,
  unhealthy: 1, // container engines expect it; for `healthcheck` and `status`
  usage: 2, // the usual code for an invalid command line
  damaged: 65, // EX_DATAERR: the index is damaged; a restart doesn't help, `ovadex db restore` does. Of `verify`: an image is
  notFound: 66, // EX_NOINPUT
  storage: 69, // EX_UNAVAILABLE: a space's storage failed; its list stays as it was
  internal: 70, // EX_SOFTWARE
  runtime: 72, // EX_OSFILE: this Node can't load an installed compiled package; a restart doesn't help
  conflict: 73, // EX_CANTCREAT: something is in the way, and nothing was done; a restart doesn't help
  index: 74, // EX_IOERR; also if the output of a command can't be written
  incomplete: 75, // EX_TEMPFAIL: it succeeded, but not completely; a later sync may settle the rest. Or a file changed
  foreign: 76, // EX_PROTOCOL: the index was made by a newer ovadex or another program
  forbidden: 77, // EX_NOPERM
  config: 78, // EX_CONFIG; a restart by the service manager doesn't help
} as const;

const OF_ERROR: Readonly<Record<ErrorCode, number>> = {
  usage: EXIT.usage,
  config: EXIT.config,
  unauthenticated: EXIT.forbidden,
  forbidden: EXIT.forbidden,
  'not-found': EXIT.notFound,
  conflict: EXIT.conflict,
  storage: EXIT.storage,
  unavailable: EXIT.storage,
  index: EXIT.index,
  damaged: EXIT.damaged,
  foreign: EXIT.foreign,
  internal: EXIT.internal,
};

/** The exit code of a command that ended with this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof OvadexError) return OF_ERROR[error.code];
  return isUnloadable(error) ? EXIT.runtime : EXIT.internal;
}

/** The gravest first: what is known to be wrong, then what could not be looked at, then what may be asked again. */
const GRAVITY: readonly number[] = [
  EXIT.damaged,
  EXIT.config,
  EXIT.forbidden,
  EXIT.storage,
  EXIT.notFound,
  EXIT.usage,
  EXIT.incomplete,
  EXIT.ok,
];

/** Returns the graver of two exit codes of a command that looks at several files; any other code is graver than these. */
export function graver(a: number, b: number): number {
  return GRAVITY.indexOf(a) <= GRAVITY.indexOf(b) ? a : b;
}

/** Whether this Node could not load a compiled package, such as one compiled for another Node. */
export function isUnloadable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED';
}
