import { randomUUID } from 'node:crypto';
import { type Guess, guessesOf, isRecent, turnOf } from '../domain/hosts/guesses.js';
import { type GuessLimits, LOCK_OUT_WINDOW_MS } from '../domain/hosts/lock-out.js';
import type { LogInCaller, TooManyFailures } from '../domain/hosts/log-in-proof.js';
import type { LogInCounts } from '../domain/ports/log-in-counts.js';

/**
 * Keeps the failed log-ins at each storage, by all hosts together, below what would lock an address out there: ovadex's
 * own, or a client's.
 */
export interface GuessBudget {
  /**
   * Waits until the storage of this origin may be asked about a password, or tells from when on that is possible again.
   * Rejects with the signal's reason, and with OvadexError `index`.
   */
  enter(origin: string, asked: Asked, signal: AbortSignal): Promise<EnteredGuess | TooManyFailures>;
}

/** A question about a user's password, and who has it. */
export interface Asked {
  readonly user: string;
  readonly caller: LogInCaller;
  /** How many failures are risked at this storage within the window; null for any number. */
  readonly limits: GuessLimits | null;
}

export interface EnteredGuess {
  /** Ends it, once. Only a refusal counts: what gave no answer about the password has cost the storage no failure. */
  leave(isRefused: boolean): Promise<void>;
}

const FREE: EnteredGuess = { leave: async () => undefined };

/** Called with each refusal after which a storage is asked by strangers no more, and with what it counts by. */
export type OnExhausted = (origin: string, retryAt: number, limits: GuessLimits) => void;

/** Answers that other hosts wait for are looked for this often. */
const LOOKED_EVERY_MS = 250;

/**
 * Creates the budget. A guess is counted before the storage is asked, and as refused if nobody says how it ended. What a
 * storage counts by a client's address doesn't count as ovadex's own, nor the other way round.
 */
export function createGuessBudget(counts: LogInCounts, onExhausted: OnExhausted): GuessBudget {
  /** Those who wait for an answer, by storage. */
  const waiting = new Map<string, Set<() => void>>();

  const change = <Result>(
    key: string,
    work: (guesses: readonly Guess[], now: number) => { readonly guesses: readonly Guess[]; readonly result: Result },
  ) =>
    counts.change([key], ([counted = null], now) => {
      const before = (counted?.guesses ?? []).filter((guess) => isRecent(guess, now));
      const { guesses, result } = work(before, now);
      const until = Math.max(...guesses.map(({ at }) => at)) + LOCK_OUT_WINDOW_MS;
      return { counts: [guesses.length === 0 ? null : { until, guesses }], result };
    });

  const nextAnswer = (key: string, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const others = waiting.get(key) ?? new Set();
      waiting.set(key, others);
      const end = () => {
        clearTimeout(look);
        others.delete(end);
        if (others.size === 0) waiting.delete(key);
        signal.removeEventListener('abort', end);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      const look = setTimeout(end, LOOKED_EVERY_MS);
      others.add(end);
      signal.addEventListener('abort', end, { once: true });
    });

  return {
    async enter(origin, { user, caller, limits }, signal) {
      if (limits === null) return FREE;
      const { network, isKnown } = caller;
      const asker = { from: isKnown ? `${network} ${user}` : network, network, isKnown };
      const key = limits.perAddress === null ? `guesses ${origin}` : `guesses ${origin} by client`;
      const id = randomUUID();
      for (;;) {
        signal.throwIfAborted();
        const turn = await change(key, (guesses, now) => {
          const result = turnOf(guessesOf(guesses, now), asker, limits, now);
          return { guesses: result === 'ask' ? [...guesses, { ...asker, at: now, id }] : guesses, result };
        });
        if (turn === 'ask') break;
        if (turn !== 'wait') return turn;
        await nextAnswer(key, signal);
      }
      let hasLeft = false;
      return {
        async leave(isRefused) {
          if (hasLeft) return;
          hasLeft = true;
          const exhausted = await change(key, (guesses, now) => {
            const others = guesses.filter((guess) => guess.id !== id);
            if (!isRefused) return { guesses: others, result: null };
            const refused = [...others, { ...asker, at: now }];
            const anybody = { from: '', network: '', isKnown: false };
            const turn = turnOf({ ...guessesOf(refused, now), asked: [] }, anybody, limits, now);
            return { guesses: refused, result: typeof turn === 'object' && !isKnown ? turn : null };
          });
          if (exhausted !== null) onExhausted(origin, exhausted.retryAt, limits);
          for (const each of [...(waiting.get(key) ?? [])]) each();
        },
      };
    },
  };
}
