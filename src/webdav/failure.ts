import type { ListingFailure } from '../domain/listing.js';
import { parseChallenges } from './challenge.js';
import type { Trouble } from './retry.js';
import type { DavAnswer } from './transport.js';

/** Why a request brought no listing, for the verdict, for an administrator, and for the retry table. */
export interface Failed {
  readonly failure: ListingFailure;
  readonly detail: string;
  readonly trouble: Trouble;
}

/** Of an authentication scheme's name in a message; the longest registered one is `SCRAM-SHA-256`. */
const LONGEST_SCHEME = 20;

/** What the verdict calls a status; the others are `status`. */
const FAILURE_BY_STATUS = new Map<number, ListingFailure>([
  [200, 'not-multistatus'],
  [400, 'rejected'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'rejected'],
  [410, 'not-found'],
  [429, 'throttled'],
]);

/** The request could not say who asks; that is no refusal of the credentials. The message holds no secret. */
export class UnusableCredentials extends Error {
  override readonly name = 'UnusableCredentials';
}

/** A proxy that makes no tunnel to the storage. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';

  constructor(readonly status: number) {
    super(`the proxy answered ${status} to CONNECT; expected 200`);
  }
}

const TIMEOUT_CODES = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** Worth another try; an unknown host or a bad certificate isn't. */
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
]);

/** Any status but 207. */
export function statusFailure({ status, statusText, headers }: DavAnswer): Failed {
  const isRedirect = status >= 300 && status < 400;
  const failure = isRedirect ? 'redirected' : (FAILURE_BY_STATUS.get(status) ?? 'status');
  let detail = `answered ${status} ${statusText}`.trimEnd();
  const location = headers.get('location');
  if (isRedirect && location !== null) detail += ` to ${withoutSecrets(location)}`;
  if (status === 401) detail += offeredSchemes(headers.all('www-authenticate'));
  if (status === 200) detail += ` with ${headers.get('content-type') ?? 'no content type'}`;
  return {
    failure,
    detail: `${detail}; expected 207 Multi-Status`,
    trouble: { kind: 'status', status, retryAfter: headers.get('retry-after') },
  };
}

/**
 * An error of the connection, before the head of the answer or inside its body. Anything that is no such error, which
 * all have a code, is thrown on.
 */
export function connectionFailure(error: unknown, phase: 'head' | 'body'): Failed {
  if (error instanceof UnusableCredentials) {
    // A file that is being replaced is whole again in a moment, and a cluster's next node may know the nonce.
    return { failure: 'unreachable', detail: error.message, trouble: { kind: 'connection' } };
  }
  if (error instanceof ProxyRefusal) {
    // 407 and 403 last, and each try may bring a lock-out nearer; 5xx is the storage's trouble.
    const kind = error.status >= 500 ? 'connection' : 'permanent';
    return { failure: 'unreachable', detail: error.message, trouble: { kind } };
  }
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  const { code } = error;
  const cause = `${error.message || 'connection failed'} (${code})`;
  if (TIMEOUT_CODES.has(code)) return { failure: 'timeout', detail: cause, trouble: { kind: 'timeout' } };
  if (code === 'Z_DATA_ERROR') {
    return { failure: 'malformed', detail: `the gzip body can't be read: ${cause}`, trouble: { kind: 'permanent' } };
  }
  if (phase === 'body') {
    return { failure: 'truncated', detail: `the body broke off: ${cause}`, trouble: { kind: 'cut' } };
  }
  const kind = TRANSIENT_CODES.has(code) ? 'connection' : 'permanent';
  return { failure: 'unreachable', detail: cause, trouble: { kind } };
}

/** What the server would take instead, if it says so: the wrong type of credentials is an easy mistake. */
function offeredSchemes(headers: readonly string[]): string {
  const schemes = new Set(parseChallenges(headers).map(({ scheme }) => scheme.slice(0, LONGEST_SCHEME)));
  return schemes.size === 0 ? '' : ` and asks for ${[...schemes].join(', ')}`;
}

/** Log-in portals put tokens into the query, and a URL may hold a password. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}
