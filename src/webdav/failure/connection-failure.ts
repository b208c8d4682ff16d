import { oneLine } from '../../domain/text/printable.js';
import { BadHead } from '../transport/bad-head.js';
import { ConnectionError } from '../transport/connection-error.js';
import { type Failed, ProxyRefusal, UnusableCredentials } from './failure.js';

/** Where an answer broke off: before the end of its head, or after it. */
export type Phase = 'head' | 'body';

/** Limits an error's own message, as a certificate may have hundreds of names. */
const LONGEST_CAUSE = 300;
const TIMEOUT_CODES = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** Codes worth a retry, unlike an unknown host or an invalid certificate. */
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
]);
/** Codes of zlib's errors with gzip, deflate and Brotli. */
const COMPRESSION_CODE = /^(?:Z_|ERR_ZLIB|ERR_BROTLI|ERR__ERROR_)/;
const CUT_COMPRESSION = 'Z_BUF_ERROR';
/** A line of an OpenSSL error: thread, number, library, function, reason, and source file with line number. */
const OPENSSL_LINE = /\b[0-9A-F]{8,}:error:[0-9A-F]{8}:[^:]*:[^:]*:([^:\n]*)[^\n]*/g;
/** Messages of TLS on receiving something else, usually plain HTTP. */
const NO_TLS = /wrong version number|packet length too long|http request|record layer failure/;

/**
 * Describes a connection error before the end of the head or inside the body. Any other error is a bug of this program
 * and rethrown.
 */
export function connectionFailure(error: unknown, phase: Phase): Failed {
  if (error instanceof UnusableCredentials) {
    // A file that is being replaced is complete again in a moment, and the next node of a cluster may know the nonce.
    return { failure: 'unreachable', detail: error.message, trouble: { kind: 'connection' } };
  }
  if (!(error instanceof ConnectionError)) throw error;
  const failed = failureOf(error.reason, phase);
  return { ...failed, detail: oneLine(error.blot(failed.detail), LONGEST_CAUSE) };
}

function failureOf(reason: unknown, phase: Phase): Failed {
  if (reason instanceof ProxyRefusal) {
    // 407 and 403 don't go away, and each attempt may bring a lock-out nearer; 5xx is trouble of the storage.
    const kind = reason.status >= 500 ? 'connection' : 'permanent';
    return { failure: 'unreachable', detail: reason.message, trouble: { kind } };
  }
  const code = codeOf(reason);
  const cause = causeOf(reason, code);
  if (code !== null && TIMEOUT_CODES.has(code)) {
    return { failure: 'timeout', detail: cause, trouble: { kind: 'timeout' } };
  }
  if (code !== null && COMPRESSION_CODE.test(code)) return compressionFailure(code, cause);
  if (isNoHttp(reason, code)) return noHttpFailure(reason, code, phase);
  if (phase === 'body') {
    return { failure: 'truncated', detail: `the body broke off: ${cause}`, trouble: { kind: 'cut' } };
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { failure: 'too-large', detail: `its head is too long (${code})`, trouble: { kind: 'permanent' } };
  }
  // An error without a code is not known to be permanent.
  const kind = code === null || TRANSIENT_CODES.has(code) ? 'connection' : 'permanent';
  return { failure: 'unreachable', detail: cause, trouble: { kind } };
}

/** A compressed stream that ends early is a body that broke off; any other fault lies in the body itself. */
function compressionFailure(code: string, cause: string): Failed {
  if (code === CUT_COMPRESSION) {
    return { failure: 'truncated', detail: `the compressed body broke off: ${cause}`, trouble: { kind: 'cut' } };
  }
  return {
    failure: 'malformed',
    detail: `the compressed body can't be read: ${cause}`,
    trouble: { kind: 'permanent' },
  };
}

/** Recognised by name, since undici 7 leaves the code of its parser's errors empty. */
function isNoHttp(reason: unknown, code: string | null): boolean {
  if (reason instanceof BadHead) return true;
  if (reason instanceof Error && reason.name === 'HTTPParserError') return true;
  if (code?.startsWith('HPE_') === true) return true;
  return code === 'UND_ERR_SOCKET' && /^bad (?:response|upgrade)$/.test(messageOf(reason));
}

/**
 * Describes another protocol or malformed HTTP. It may affect a single answer, so it is retried once; the bytes in
 * undici's error are not shown.
 */
function noHttpFailure(reason: unknown, code: string | null, phase: Phase): Failed {
  const own = messageOf(reason);
  const words = /\(([^()]*(?:\([^()]*\))?[^()]*)\)$/.exec(own)?.[1] ?? own;
  const why = own === 'bad upgrade' ? 'an unexpected status 101' : words;
  const coded = [why, code?.startsWith('HPE_') === true ? code : ''].filter((part) => part !== '').join(', ');
  const shown = coded === '' ? '' : ` (${coded})`;
  return phase === 'head'
    ? { failure: 'malformed', detail: `the answer is not HTTP${shown}`, trouble: { kind: 'cut' } }
    : {
        failure: 'truncated',
        detail: `the body broke off: it continues with malformed HTTP${shown}`,
        trouble: { kind: 'cut' },
      };
}

function codeOf(reason: unknown): string | null {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : null;
}

function causeOf(reason: unknown, code: string | null): string {
  const words = wordsOf(reason);
  const hint = NO_TLS.test(words)
    ? ': the server there does not speak TLS; perhaps the url must begin with http://'
    : '';
  return `${words}${hint}${code === null ? '' : ` (${code})`}`;
}

/**
 * Collects messages: a connection tried at several addresses fails with an error without a message of its own, and
 * other errors have theirs in their cause.
 */
function wordsOf(reason: unknown): string {
  const own = messageOf(reason);
  if (reason instanceof AggregateError && own === '') {
    const each = new Set(reason.errors.map((error: unknown) => messageOf(error)));
    return [...each].join('; ') || 'connection failed';
  }
  const inner = reason instanceof Error && reason.cause instanceof Error ? messageOf(reason.cause) : '';
  return [own, inner].filter((part) => part !== '').join(': ') || 'connection failed';
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message.replace(OPENSSL_LINE, 'TLS: $1').trim() : '';
}
