/**
 * What went wrong, in the caller's terms. One table maps a code to an HTTP status (`http/problem.ts`), one to an exit
 * code (`cli/exit-code.ts`).
 */
export type ErrorCode =
  | 'usage' // an invalid command line or request
  | 'config' // an invalid configuration
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict' // somebody else holds what is needed
  | 'storage' // the WebDAV storage did not do its part
  | 'unavailable' // a third party that has to be asked can't be reached
  | 'index' // the database is unusable
  | 'damaged' // the contents of the database are broken; waiting doesn't mend that
  | 'foreign' // the database belongs to a newer version, or to another program
  | 'internal';

/** The only error thrown on purpose; anything else that surfaces is treated as `internal`. */
export class OvadexError extends Error {
  override readonly name = 'OvadexError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Trouble of the database that is over by itself or once somebody looks after it, as a restart, a broken connection or a full
 * disk: what failed may be done again.
 */
export class PassingTrouble extends OvadexError {
  constructor(message: string, options?: ErrorOptions) {
    super('index', message, options);
  }
}

/** A file that became another one while it was read; it may be read again. `detail` says how that shows. */
export class FileChanged extends OvadexError {
  constructor(detail: string) {
    super('unavailable', `it changed while it was read: ${detail}; ask again once nobody writes to it`);
  }
}
