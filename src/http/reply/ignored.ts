import type { HttpContext } from './context.js';
import type { ParameterFault } from './problem.js';

/** Header with the content of `meta.ignored`, for HEAD as well. */
const IGNORED_HEADER = 'X-Ignored-Parameters';

/** Returns the header for ignored parameters; empty if there are none, which is nearly always. */
export function ignoredHeader(ignored: readonly string[]): Readonly<Record<string, string>> {
  if (ignored.length === 0) return {};
  // A header allows only these characters; lone surrogates have no encoding at all.
  const words = ignored.map((name) => encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')));
  return { [IGNORED_HEADER]: words.join(', ') };
}

/** Returns ignored parameters as faults, for strict clients. */
export function ignoredFaults(ignored: readonly string[], known: readonly string[]): readonly ParameterFault[] {
  return ignored.map((parameter) => ({
    parameter,
    detail: `${parameter}: there is no such parameter; allowed are ${known.join(', ')}`,
  }));
}

/**
 * Whether a client prefers an error to an answer that ignores something: `handling=strict` (RFC 7240 4.4). The first
 * `handling` counts, in any case, quoted or not.
 */
export function isStrict(prefer: string | undefined): boolean {
  if (prefer === undefined) return false;
  const handling = /(?:^|[,\s])handling\s*=\s*"?([a-z]*)"?/i.exec(prefer)?.[1];
  return handling?.toLowerCase() === 'strict';
}

export function wantsStrict(c: HttpContext): boolean {
  return isStrict(c.req.header('prefer'));
}
