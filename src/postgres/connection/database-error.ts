import { OvadexError, PassingTrouble } from '../../domain/model/errors.js';

/** https://www.postgresql.org/docs/15/errcodes-appendix.html: an integrity constraint, and errors in a statement. */
const OUR_FAULT = /^(23|42)/;
/**
 * A connection that failed or was ended, a server that starts, ends, only reads or has no room; and the system's own codes for
 * a host that can't be reached.
 */
const PASSING = /^(08|53|57P|25006$|25P03$|connection$|E[A-Z]+$|EAI_)/;
/** A serialization failure, a deadlock. */
const IN_EACH_OTHERS_WAY = new Set(['40001', '40P01']);

/**
 * Returns an error of the database or of its connection in our terms: OvadexError `index`, with the SQLSTATE if there is
 * one. Our own errors, and those that show a bug in this program, are returned unchanged.
 */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OvadexError) return error;
  const code = codeOf(error);
  if (code === null || OUR_FAULT.test(code)) return error;
  const message = `the database could not be used: ${error.message} (${code})`;
  if (PASSING.test(code)) return new PassingTrouble(message, { cause: error });
  return new OvadexError('index', message, { cause: error });
}

/** Whether another transaction was in the way, so that the same may succeed at once. */
export function isWorthRepeating(error: unknown): boolean {
  const cause = error instanceof OvadexError ? error.cause : error;
  return cause instanceof Error && IN_EACH_OTHERS_WAY.has(codeOf(cause) ?? '');
}

/** Returns an SQLSTATE or, of a connection that failed, the code of the system. */
function codeOf(error: Error): string | null {
  if ('code' in error && typeof error.code === 'string') return error.code;
  // The client's own words for a connection that ended have no code.
  return /connection|timeout|closed/i.test(error.message) ? 'connection' : null;
}
