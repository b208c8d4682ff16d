import { type Guess, isRecent, turnOf } from '../domain/hosts/guesses.js';
import type { LogInCaller, TooManyFailures } from '../domain/hosts/log-in-proof.js';
import type { Clock } from '../domain/ports/clock.js';

/** Keeps the failed log-ins at each storage below what would lock the address of ovadex out there. */
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
  readonly limit: number | null;
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

/** Creates the budget; `onExhausted` is called with each refusal after which a storage is asked by strangers no more. */
export function createGuessBudget(clock: Clock, onExhausted: (origin: string, retryAt: number) => void): GuessBudget {
  const storages = new Map<string, Storage>();

  const storageOf = (origin: string): Storage => {
    const storage = storages.get(origin) ?? { refused: [], asked: new Set(), waiting: new Set() };
    storages.set(origin, storage);
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
  const noteRefusal = (origin: string, storage: Storage, guess: Guess, limit: number) => {
    const now = clock();
    storage.refused = [...storage.refused.filter((each) => isRecent(each, now)), { ...guess, at: now }];
    const turn = turnOf({ refused: storage.refused, asked: [] }, { from: '', isKnown: false }, limit, now);
    if (typeof turn === 'object' && !guess.isKnown) onExhausted(origin, turn.retryAt);
  };

  return {
    async enter(origin, { user, caller, limit }, signal) {
      if (limit === null) return FREE;
      const { network, isKnown } = caller;
      const from = isKnown ? `${network} ${user}` : network;
      const storage = storageOf(origin);
      for (;;) {
        signal.throwIfAborted();
        const now = clock();
        const turn = turnOf({ refused: storage.refused, asked: [...storage.asked] }, { from, isKnown }, limit, now);
        if (turn === 'ask') break;
        if (turn !== 'wait') return turn;
        await nextAnswer(storage, signal);
      }
      const guess: Guess = { at: clock(), from, isKnown };
      storage.asked.add(guess);
      return {
        leave(isRefused) {
          if (!storage.asked.delete(guess)) return;
          if (isRefused) noteRefusal(origin, storage, guess, limit);
          for (const each of [...storage.waiting]) each();
        },
      };
    },
  };
}
