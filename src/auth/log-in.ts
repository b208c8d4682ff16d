import type { CheckCredentials, CredentialAnswer } from '../domain/ports.js';

/** What comes of a user name and a password. `unavailable`: nobody could say. */
export type LogInResult = 'good' | 'refused' | 'unavailable';
export type LogIn = (user: string, password: string) => Promise<LogInResult>;

/** A storage that says nothing for so long says nothing at all; proxies before the API give up after a minute. */
const QUESTION_MS = 15_000;
/** Each holds a connection to a storage; a site's people don't log in faster, and who guesses passwords may wait. */
const MAX_QUESTIONS = 64;
/** No refusal comes sooner. Nobody notices half a second after a typing error, and most storages answer within it. */
const REFUSAL_FLOOR_MS = 500;
/** How many of the last refusals by storages stand for how long one takes. */
const REMEMBERED = 16;

/**
 * Asks the storage, once, whether a password is good. A user without a space is
 * refused as somebody with a wrong password is, and as late: users can't be told apart from others.
 */
export function createLogIn(deps: {
  readonly check: CheckCredentials;
  /** Monotonic, in ms. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}): LogIn {
  const { check, now = () => performance.now(), random = Math.random } = deps;
  const sleep = deps.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const refusalsMs: number[] = [];
  let questions = 0;

  const ask = async (user: string, password: string): Promise<CredentialAnswer> => {
    // LDAP takes an empty password for an anonymous visitor and lets him in (RFC 4513 5.1.2).
    if (password === '' || user === '') return 'no-space';
    const signal = AbortSignal.timeout(QUESTION_MS);
    try {
      return await check(user, password, signal);
    } catch (error) {
      if (signal.aborted) return 'unavailable';
      throw error;
    }
  };

  /** How long a storage took to refuse somebody lately. */
  const usualRefusalMs = () => refusalsMs[Math.floor(random() * refusalsMs.length)] ?? 0;

  return async (user, password) => {
    if (questions >= MAX_QUESTIONS) return 'unavailable';
    questions++;
    try {
      const startedAt = now();
      const answer = await ask(user, password);
      if (answer === 'good' || answer === 'unavailable') return answer;
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
