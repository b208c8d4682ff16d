import type { CheckCredentials, CredentialAnswer, LogInCaller, TooManyFailures } from '../domain/hosts/log-in-proof.js';

/** The result of checking a user name and password. `unavailable`: the storage could not be asked. */
export type LogInResult = 'good' | 'refused' | 'unavailable' | TooManyFailures;
export type LogIn = (user: string, password: string, caller: LogInCaller) => Promise<LogInResult>;

/** A storage that has not answered by then won't; proxies in front of the API give up after a minute. */
const QUESTION_MS = 15_000;
/** Each question holds a connection to a storage; people don't log in faster, and anyone guessing passwords may wait. */
const MAX_QUESTIONS = 64;
/** The minimum time of a refusal. Nobody minds half a second after a typing error, and most storages answer within it. */
const REFUSAL_FLOOR_MS = 500;
/** How many recent refusals by storages to remember, as samples of how long one takes. */
const REMEMBERED = 16;

/**
 * Asks the storage, once, whether a password is valid. A user without a space is refused in the same way and after the
 * same time as one with a wrong password, so that nobody can find out who has a space.
 */
export function createLogIn(deps: {
  readonly check: CheckCredentials;
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}): LogIn {
  const { check, now = () => performance.now(), random = Math.random } = deps;
  const sleep = deps.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const refusalsMs: number[] = [];
  let questions = 0;

  const ask = async (user: string, password: string, caller: LogInCaller): Promise<CredentialAnswer> => {
    // To LDAP an empty password means an anonymous visitor, who is let in (RFC 4513 5.1.2).
    if (password === '' || user === '') return 'no-space';
    const signal = AbortSignal.timeout(QUESTION_MS);
    try {
      return await check(user, password, caller, signal);
    } catch (error) {
      if (signal.aborted) return 'unavailable';
      throw error;
    }
  };

  /** Picks how long a storage recently took to refuse a password. */
  const usualRefusalMs = () => refusalsMs[Math.floor(random() * refusalsMs.length)] ?? 0;

  return async (user, password, caller) => {
    if (questions >= MAX_QUESTIONS) return 'unavailable';
    questions++;
    try {
      const startedAt = now();
      const answer = await ask(user, password, caller);
      if (answer !== 'refused' && answer !== 'no-space') return answer;
      const tookMs = now() - startedAt;
      if (answer === 'refused' && refusalsMs.push(tookMs) > REMEMBERED) refusalsMs.shift();
      const endsAfterMs = Math.max(REFUSAL_FLOOR_MS, answer === 'no-space' ? usualRefusalMs() : 0);
      if (tookMs < endsAfterMs) await sleep(endsAfterMs - tookMs);
      return 'refused';
    } finally {
      questions--;
    }
  };
}
