import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Handle, HttpContext } from '../reply/context.js';
import { problemOf, refuse } from '../reply/problem.js';
import { PUT_ASIDE, secondsSpent } from '../reply/reply.js';
import type { Replays } from '../server/replay.js';
import type { Cors } from './cors.js';
import type { NoteAnswer } from './traffic.js';
import type { ProxyWatch } from './unnamed-proxy.js';

/** A client's own request id is adopted if it can do no harm in a header or a log line. */
const SANE_REQUEST_ID = /^[\w.:-]{1,64}$/;
/** For an origin that is not allowed: the answer depends on the origin nevertheless. */
const NO_HEADERS = {};
/** Longer paths belong to no resource; they are cut so that a log line stays readable. */
const MAX_LOGGED_PATH = 200;

/**
 * Puts a handler under observation: it gets a request id, whatever it throws becomes an answer, and one line is logged
 * and counted by `note`. Requests that only read are logged at `debug`, since there are many; changes and refusals at
 * `info`, failures at `error`.
 */
export function createObserver({
  logger,
  replays = null,
  cors = null,
  proxyWatch,
}: {
  readonly logger: Logger;
  readonly replays?: Replays | null;
  readonly cors?: Cors | null;
  readonly proxyWatch?: Pick<ProxyWatch, 'look'> | undefined;
}): (handle: Handle, note: NoteAnswer) => Handle {
  const nextId = createRequestIds();
  const succeed = (c: HttpContext, response: Response, note: NoteAnswer) => {
    const incoming = c.env?.incoming;
    if (response === PUT_ASIDE) {
      const aside = c.get('aside');
      if (aside !== undefined && incoming !== undefined) replays?.keepAside(incoming, aside);
      return response;
    }
    const { method } = c.req;
    note(method, response.status, secondsSpent(c));
    log(logger, c, response.status);
    const replayable = c.get('replayable');
    // Without where it is written it was asked within the process, for another request that is to be given something else.
    if (replayable !== undefined && incoming !== undefined && c.env.outgoing !== undefined) {
      const observed = { nextId, note: (status: number, seconds: number) => note(method, status, seconds) };
      replays?.keep(incoming, replayable, observed, c.env?.resumed);
    }
    return response;
  };
  // The last resort: every error must become an answer.
  const fail = (c: HttpContext, error: unknown, note: NoteAnswer) => {
    const response = refuse(c, problemOf(error));
    note(c.req.method, response.status, secondsSpent(c));
    log(logger, c, response.status, error);
    return response;
  };
  return (handle, note) => async (c) => {
    c.set('startedAt', performance.now());
    if (cors !== null) c.set('corsHeaders', cors.headersFor(c.req.header('origin')) ?? NO_HEADERS);
    c.set('requestId', givenId(c.req.header('x-request-id')) ?? nextId());
    if (c.req.header('x-forwarded-for') !== undefined) proxyWatch?.look(c);
    try {
      return succeed(c, await handle(c), note);
    } catch (error) {
      return fail(c, error, note);
    }
  };
}

function givenId(given: string | undefined): string | null {
  return given !== undefined && SANE_REQUEST_ID.test(given) ? given : null;
}

/** Creates ids that no other run of the program gives: a random mark and a number. They need not be hard to guess. */
function createRequestIds(): () => string {
  const mark = randomBytes(9).toString('base64url');
  let count = 0;
  return () => `${mark}-${(++count).toString(36)}`;
}

function log(logger: Logger, c: HttpContext, status: number, error?: unknown): void {
  const level = levelOf(c.req.method, status);
  if (!logger.isLevelEnabled(level)) return;
  const line = {
    requestId: c.get('requestId'),
    method: c.req.method,
    // Without the query: people put secrets there.
    path: c.req.path.slice(0, MAX_LOGGED_PATH),
    status,
    durationMs: Math.round((performance.now() - c.get('startedAt')) * 100) / 100,
    user: c.get('user'),
  };
  logger[level](status >= 500 ? { ...line, err: error } : line, 'request');
}

function levelOf(method: string, status: number): 'debug' | 'info' | 'error' {
  if (status >= 500) return 'error';
  const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return isRead && status < 400 ? 'debug' : 'info';
}
