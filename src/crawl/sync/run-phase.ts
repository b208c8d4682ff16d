import type { SyncOutcome } from '../../domain/model/sync.js';
import { joinSignals } from '../signals/joined-signals.js';

/** Why a run ends before its walk is over; each kind overrules those above it. */
export type Ending =
  /** Ended from outside: the next process to claim the sync goes on with it. */
  | { readonly kind: 'interrupted' }
  /** The storage can't be crawled any further, so the whole sync fails. */
  | { readonly kind: 'halted'; readonly why: Halt }
  /** The lease is lost to another process, or the sync was cancelled: nothing more may be written. */
  | { readonly kind: 'lost' }
  /** The index failed. */
  | { readonly kind: 'failed'; readonly error: unknown };

export type Halt = Pick<SyncOutcome, 'errors' | 'isUnauthorized' | 'isLeftOff'>;

/** Tells whether a run goes on, and if not, why. */
export interface RunPhase {
  /** Aborted as soon as the run ends. */
  readonly signal: AbortSignal;
  /** Ends the run; of several endings the gravest counts, and of equals the first. */
  end(ending: Ending): void;
  halt(message: string, why?: Omit<Partial<Halt>, 'errors'>): void;
  /** Returns null while the run goes on. */
  ending(): Ending | null;
  /** Lets go of what could end the run from outside. To be called once it is over. */
  release(): void;
}

const GRAVITY: Readonly<Record<Ending['kind'], number>> = { interrupted: 0, halted: 1, lost: 2, failed: 3 };

/** Creates the phase of a run that goes on until it ends, or `outer` is aborted. */
export function createPhase(outer: AbortSignal): RunPhase {
  const giveUp = new AbortController();
  let ending: Ending | null = null;
  const end = (next: Ending) => {
    if (ending === null || GRAVITY[next.kind] > GRAVITY[ending.kind]) ending = next;
    giveUp.abort();
  };
  const { signal, release } = joinSignals([outer, giveUp.signal]);
  return {
    signal,
    end,
    halt: (message, { isUnauthorized = false, isLeftOff = false } = {}) =>
      end({ kind: 'halted', why: { errors: [message], isUnauthorized, isLeftOff } }),
    ending: () => ending ?? (outer.aborted ? { kind: 'interrupted' } : null),
    release,
  };
}
