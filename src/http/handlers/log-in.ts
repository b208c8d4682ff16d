import type { Logger } from 'pino';
import type { LogInCaller, TooManyFailures } from '../../domain/hosts/log-in-proof.js';
import { type Allowance, allowanceOf } from '../../domain/hosts/tries.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { SessionToken } from '../../domain/model/token.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Crawler } from '../../domain/ports/crawler.js';
import type { KeptPassword, Links } from '../../domain/ports/links.js';
import type { LogInCounts } from '../../domain/ports/log-in-counts.js';
import { toJson } from '../../domain/text/printable.js';
import { sessionTokenToJson } from '../../wire/token.js';
import { hasSeveral, readBasic } from '../gate/basic.js';
import { BASIC } from '../gate/challenge.js';
import { createClientAddress, networkOf } from '../gate/client-address.js';
import { secondsUntil } from '../gate/rate-limit.js';
import type { RequestLimit } from '../gate/request-limit.js';
import { createTries } from '../gate/tries.js';
import type { Handle, HttpContext } from '../reply/context.js';
import { readJson } from '../reply/json-body.js';
import { type Problem, refuse } from '../reply/problem.js';
import { answer } from '../reply/reply.js';

export interface LogInDeps {
  /** Asks the storage whether a password is right. */
  readonly logIn: (
    user: string,
    password: string,
    caller: LogInCaller,
  ) => Promise<'good' | 'refused' | 'unavailable' | TooManyFailures>;
  /** What attempts are counted by. */
  readonly logInCounts: LogInCounts;
  /** Returns null if the user no longer has a space. */
  readonly issueToken: (user: string) => Promise<SessionToken | null>;
  /** Exchanges the password for an app password that is kept; if left out or null, no password is kept in any form. */
  readonly keepPassword?: Links['keepPassword'] | null;
  /** Is told of each user whose password the storage has taken. */
  readonly crawler: Pick<Crawler, 'loggedIn'>;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes an attempt wait for its turn. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Called for every refused log-in with the name given, which may be a password typed into the wrong field. */
type OnRefused = (c: HttpContext, status: 401 | 429, user: string) => Promise<void>;

/** Time in which a storage restarts. */
const RETRY_AFTER_SECONDS = 30;

/** For a user whose space would have come with the app password. */
const NOT_EXCHANGED =
  'your storage takes this password, but gives no app password for it; log in with the password that you use in the browser, or connect your storage by POST /v2/user/space/link';

const CHALLENGE = { 'WWW-Authenticate': BASIC };

/**
 * Issues a token for a user name and a password; `createTries` limits how often that may fail. Each token issued counts
 * as a request of the user.
 */
export function createLogInHandler(
  deps: LogInDeps,
  { limit, onRefused }: { readonly limit: RequestLimit | null; readonly onRefused: OnRefused },
): Handle {
  const { clock } = deps;
  const sleep = deps.sleep ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref()));
  const tries = createTries(deps.logInCounts);
  const addressOf = createClientAddress(deps.trustedProxies);
  const { keepPassword = null } = deps;

  return async (c) => {
    const address = addressOf(c);
    const network = networkOf(address);
    const credentials = readBasic(c.req.header('authorization'));
    // Nobody tries anything without credentials.
    let allowance: Allowance | null = credentials === null ? allowanceOf(null, clock()) : null;
    const headers = async () => limitHeaders(allowance ?? (await tries.allowance(credentials?.user ?? '', network)));
    const refuseWith = async (problem: Problem) =>
      refuse(c, { ...problem, headers: { ...(await headers()), ...problem.headers } });

    if (hasSeveral(c.req.header('authorization'))) {
      return refuseWith({ status: 400, detail: 'the request has more than one Authorization; exactly one is allowed' });
    }
    const { logInSchema } = await import('../openapi/definitions-account.js'); // see `operations.ts`
    const body = await readJson(c, logInSchema, { ifEmpty: {} });
    if ('problem' in body) return refuseWith(body.problem);
    if (credentials === null) {
      return refuseWith({ status: 401, detail: 'a user name and a password are needed (Basic)', headers: CHALLENGE });
    }
    const { user, password } = credentials;
    const attempt = await tries.take(user, network);
    if ('exceeded' in attempt) {
      allowance = attempt.exceeded;
      await onRefused(c, 429, user);
      return refuseWith(tooMany(attempt.exceeded, clock));
    }
    allowance = attempt.allowance;
    if (attempt.waitMs > 0) await sleep(attempt.waitMs);

    const result = await deps
      .logIn(user, password, { address, network, isKnown: attempt.isKnown })
      .catch(async (error: unknown) => {
        await attempt.giveBack().catch(() => undefined); // it stays counted, then
        throw error;
      });
    if (typeof result === 'object') {
      allowance = await attempt.giveBack(); // the password was not checked
      await onRefused(c, 429, user);
      return refuseWith(tooManyThere(result, clock));
    }
    if (result === 'good') allowance = await attempt.succeed();
    const counted = result === 'good' ? limit?.({ user }) : undefined;
    if (counted !== undefined && 'problem' in counted) return refuseWith(counted.problem);
    const kept = result === 'good' ? await keepIfWanted(keepPassword, { user, password }) : null;
    if (result === 'good') await noteLogIn(deps, user);
    const session = result === 'good' ? await deps.issueToken(user) : null;
    if (session !== null) {
      c.set('user', user);
      return answerToken(c, { user, session, kept }, { ...(await headers()), ...counted?.headers });
    }
    if (kept === 'not-exchanged') return refuseWith({ status: 401, detail: NOT_EXCHANGED, headers: CHALLENGE });
    if (result !== 'unavailable' && kept !== 'unavailable') {
      await onRefused(c, 401, user);
      // Without the name: people type passwords there.
      deps.logger.info({ requestId: c.get('requestId'), address }, 'log-in refused');
      return refuseWith({ status: 401, detail: 'the user name or the password is wrong', headers: CHALLENGE });
    }
    allowance = await attempt.giveBack(); // the password was not checked
    return refuseWith({
      status: 503,
      detail: 'the storage that checks the passwords does not answer; please try again',
      headers: { 'Retry-After': `${RETRY_AFTER_SECONDS}` },
    });
  };
}

/** A log-in works without an app password, so that trouble with it is not the log-in's. */
async function keepIfWanted(
  keep: Links['keepPassword'] | null,
  account: { readonly user: string; readonly password: string },
): Promise<KeptPassword | null> {
  try {
    return keep === null ? null : await keep(account);
  } catch (error) {
    if (error instanceof OvadexError) return 'unavailable';
    throw error;
  }
}

/** Told after a password may have been kept, which has a suspended space crawled with a new one. A log-in works without. */
async function noteLogIn({ crawler, logger }: Pick<LogInDeps, 'crawler' | 'logger'>, user: string): Promise<void> {
  await crawler.loggedIn(user).catch((err: unknown) => logger.warn({ err }, 'the crawl was not told of a log-in'));
}

function limitHeaders({ limit, remaining, resetAt }: Allowance): Record<string, string> {
  return {
    'X-RateLimit-Limit': `${limit}`,
    'X-RateLimit-Remaining': `${remaining}`,
    'X-RateLimit-Reset': `${Math.ceil(resetAt / 1000)}`,
  };
}

function tooMany(exceeded: Allowance, clock: Clock): Problem {
  const seconds = secondsUntil(exceeded.resetAt, clock);
  return {
    status: 429,
    detail: `${exceeded.limit} attempts have failed; the next one is possible in ${seconds} s`,
    headers: { ...limitHeaders(exceeded), 'Retry-After': `${seconds}` },
  };
}

/** Answers a log-in that the storage must not be asked about: another failure there could lock everybody out. */
function tooManyThere({ retryAt }: TooManyFailures, clock: Clock): Problem {
  const seconds = secondsUntil(retryAt, clock);
  return {
    status: 429,
    detail: `too many log-ins have failed at this storage lately; the next one is possible in ${seconds} s`,
    headers: { 'Retry-After': `${seconds}` },
  };
}

function answerToken(
  c: HttpContext,
  {
    user,
    session,
    kept,
  }: { readonly user: string; readonly session: SessionToken; readonly kept: KeptPassword | null },
  headers: Record<string, string>,
): Response {
  return answer(c, 200, toJson(sessionTokenToJson(user, session, kept === 'kept')), {
    ...headers,
    'Cache-Control': 'no-store',
  });
}
