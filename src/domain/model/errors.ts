/**
 * What went wrong, in the terms of whoever asked. One table maps a code to an
 * HTTP status (`http/problem.ts`), one to an exit code (`cli/exit-code.ts`).
 */
export type ErrorCode =
  | 'usage' // an invalid command line or request
  | 'config' // the configuration is
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict' // somebody else holds what is needed
  | 'storage' // the WebDAV storage did not do its part
  | 'unavailable' // somebody else who has to be asked can't be
  | 'index' // the database is unusable
  | 'damaged' // what the database holds is broken; waiting doesn't mend it
  | 'foreign' // the database is a newer program's, or another one's
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
