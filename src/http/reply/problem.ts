import { STATUS_CODES } from 'node:http';
import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';
import { toJson } from '../../domain/text/printable.js';
import type { HttpContext } from './context.js';
import { answer } from './reply.js';

/** A fault in one parameter or one field of a body. */
export interface ParameterFault {
  readonly parameter: string;
  /** Quotes the value and says what is allowed. */
  readonly detail: string;
}

/** An error as it is reported to the client. */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly ParameterFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

export const PROBLEM_TYPE = 'application/problem+json';

const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  config: 500,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  storage: 502,
  unavailable: 503,
  index: 503,
  damaged: 503,
  foreign: 503,
  internal: 500,
};

/** Long enough for a restart, short enough for clients to wait. */
const RETRY_AFTER_SECONDS = '30';

/**
 * Returns the body of an error: RFC 9457, with `error` and `message` in addition, which all generations of clients
 * know. `instance` is the request id.
 */
export function problemBody({ status, detail, errors = [] }: Problem, requestId: string): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return toJson({
    type: 'about:blank',
    title,
    status,
    detail,
    instance: requestId,
    error: title,
    message: detail,
    errors,
  });
}

/** Answers with an error. */
export function refuse(c: HttpContext, problem: Problem): Response {
  return answer(c, problem.status, problemBody(problem, c.get('requestId')), {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    ...problem.headers,
  });
}

/** Answers 400, naming every fault at once. */
export function refuseFaults(c: HttpContext, faults: readonly ParameterFault[]): Response {
  return refuse(c, { status: 400, detail: faults.map(({ detail }) => detail).join('; '), errors: faults });
}

/**
 * Returns the problem reported for a thrown error. From 500 on it reveals nothing of the error itself: that is in the
 * log.
 */
export function problemOf(error: unknown): Problem {
  const status = error instanceof OvadexError ? STATUS_OF[error.code] : 500;
  if (error instanceof OvadexError && status < 500) return { status, detail: error.message };
  const detail = `the request could not be answered; "instance" is its id in the server's log`;
  return status === 503 ? { status, detail, headers: { 'Retry-After': RETRY_AFTER_SECONDS } } : { status, detail };
}
