import type { HttpContext } from '../reply/context.js';
import { refuse } from '../reply/problem.js';

const BEARER = 'Bearer realm="ovadex"';
/** The challenge of Basic (RFC 7617); its charset tells clients how to encode names and passwords beyond ASCII. */
export const BASIC = 'Basic realm="ovadex", charset="UTF-8"';

/**
 * Answers 401 with every accepted scheme (RFC 9110 11.6.1): tools that wait for a challenge know Basic only. `error` is
 * a code of RFC 6750 3.1, left out if no usable credentials came.
 */
export function refuseUnauthenticated(c: HttpContext, detail: string, error?: 'invalid_token'): Response {
  const bearer = error === undefined ? BEARER : `${BEARER}, error="${error}"`;
  const challenges = isScripted(c) ? [bearer] : [bearer, BASIC];
  return refuse(c, { status: 401, detail, headers: { 'WWW-Authenticate': linesOf(challenges) } });
}

/** Answers 403: the token is valid, but not for this (RFC 6750 3.1). */
export function refuseWithoutScope(
  c: HttpContext,
  scope: string,
  detail = `the access token does not have the scope "${scope}"`,
): Response {
  const headers = { 'WWW-Authenticate': `${BEARER}, error="insufficient_scope", scope="${scope}"` };
  return refuse(c, { status: 403, detail, headers });
}

/**
 * Gives each value a line of its own, as Java's client sees only the first of several in one line. The adapter hands a
 * record of headers to Node as it is, which turns a list into lines; `Response` itself would join it with commas, which
 * means the same.
 */
function linesOf(values: readonly string[]): string {
  const lines: unknown = values.length > 1 ? values : values[0];
  return lines as string;
}

/** Whether a page's script makes the call: with Basic, the browser would open a dialog over the page. */
function isScripted({ req }: HttpContext): boolean {
  const mode = req.header('sec-fetch-mode');
  return req.header('origin') !== undefined || (mode !== undefined && mode !== 'navigate');
}
