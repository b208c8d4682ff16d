import { type Guess, isRecent, turnOf } from '../domain/hosts/guesses.js';
import type { GuessLimits } from '../domain/hosts/lock-out.js';
import type { LogInCaller, TooManyFailures } from '../domain/hosts/log-in-proof.js';
import type { Clock } from '../domain/ports/clock.js';

/** Keeps the failed log-ins at each storage below what would lock an address out there: ovadex's own, or a client's. */
export interface GuessBudget {
  /**
   * Waits until the storage of this origin may be asked about a password, or tells from when on that is possible again.
   * Rejects with the signal's reason.
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
  leave(isRefused: boolean): void;
}

interface Storage {
  refused: readonly Guess[];
  readonly asked: Set<Guess>;
  /** Called whenever an answer has come. */
  readonly waiting: Set<() => void>;
}

const FREE: EnteredGuess = { leave: () => undefined };

/** Called with each refusal after which a storage is asked by strangers no more, and with what it counts by. */
export type OnExhausted = (origin: string, retryAt: number, limits: GuessLimits) => void;

/** Creates the budget. What a storage counts by a client's address doesn't count as ovadex's own, nor the other way round. */
export function createGuessBudget(clock: Clock, onExhausted: OnExhausted): GuessBudget {
  const storages = new Map<string, Storage>();

  const storageOf = (origin: string, { perAddress }: GuessLimits): Storage => {
    const key = perAddress === null ? origin : `${origin} by client`;
    const storage = storages.get(key) ?? { refused: [], asked: new Set(), waiting: new Set() };
    storages.set(key, storage);
    return storage;
  };
  const nextAnswer = ({ waiting }: Storage, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const end = () => {
        waiting.delete(end);
        signal.removeEventListener('abort', end);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      waiting.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  const noteRefusal = (origin: string, storage: Storage, guess: Guess, limits: GuessLimits) => {
    const now = clock();
    storage.refused = [...storage.refused.filter((each) => isRecent(each, now)), { ...guess, at: now }];
    const anybody = { from: '', network: '', isKnown: false };
    const turn = turnOf({ refused: storage.refused, asked: [] }, anybody, limits, now);
    if (typeof turn === 'object' && !guess.isKnown) onExhausted(origin, turn.retryAt, limits);
  };

  return {
    async enter(origin, { user, caller, limits }, signal) {
      if (limits === null) return FREE;
      const { network, isKnown } = caller;
      const from = isKnown ? `${network} ${user}` : network;
      const storage = storageOf(origin, limits);
      for (;;) {
        signal.throwIfAborted();
        const now = clock();
        const asker = { from, network, isKnown };
        const turn = turnOf({ refused: storage.refused, asked: [...storage.asked] }, asker, limits, now);
        if (turn === 'ask') break;
        if (turn !== 'wait') return turn;
        await nextAnswer(storage, signal);
      }
      const guess: Guess = { at: clock(), from, network, isKnown };
      storage.asked.add(guess);
      return {
        leave(isRefused) {
          if (!storage.asked.delete(guess)) return;
          if (isRefused) noteRefusal(origin, storage, guess, limits);
          for (const each of [...storage.waiting]) each();
        },
      };
    },
  };
}
