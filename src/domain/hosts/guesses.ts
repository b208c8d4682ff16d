import { type GuessLimits, LOCK_OUT_WINDOW_MS } from './lock-out.js';

/** A password that a storage was asked about: it has refused it, or its answer is still to come. */
export interface Guess {
  /** When it was asked, in ms since the epoch. */
  readonly at: number;
  /** Who asked: one user at one place if known there, otherwise the place. */
  readonly from: string;
  /** The place; see `LogInCaller`. */
  readonly network: string;
  /** Whether this user has succeeded from there before. */
  readonly isKnown: boolean;
  /** Names it while its answer is still to come; a refused one has none. */
  readonly id?: string;
}

/** What people's log-ins have lately done to a storage that locks addresses. */
export interface Guesses {
  readonly refused: readonly Guess[];
  readonly asked: readonly Guess[];
}

/** A log-in waits a quarter of this for its answer: one that has none by then was begun by a host that is no more. */
const ANSWERED_WITHIN_MS = 60_000;

/** Sorts what still matters of some guesses. One without an answer may have been refused, so it counts as that in the end. */
export function guessesOf(guesses: readonly Guess[], now: number): Guesses {
  const recent = guesses.filter((guess) => isRecent(guess, now));
  const isAsked = ({ id, at }: Guess) => id !== undefined && now - at < ANSWERED_WITHIN_MS;
  return { refused: recent.filter((guess) => !isAsked(guess)), asked: recent.filter(isAsked) };
}

/** What to do with another log-in: ask the storage, wait for an answer that is under way, or refuse it until then. */
export type GuessTurn = 'ask' | 'wait' | { readonly retryAt: number };

/** How many of some guesses may fail. */
type Bound = readonly [most: number, counts: (guess: Guess) => boolean];

/**
 * Decides whether a storage is asked about another password. At most `all` refusals within the window are risked, at
 * most `perAddress` by one place. Of these a quarter is left to users who have succeeded from their place before, and
 * nobody gets more than half of what one address may cause, so that one program with an outdated password shuts out
 * none of the others. A stranger is a place, which may use up its own share where each place has one.
 */
export function turnOf(
  { refused, asked }: Guesses,
  { from, network, isKnown }: Omit<Guess, 'at'>,
  { all, perAddress }: GuessLimits,
  now: number,
): GuessTurn {
  const bounds: Bound[] = boundsWithin(all, isKnown, () => true);
  if (perAddress !== null) bounds.push(...boundsWithin(perAddress, isKnown, (guess) => guess.network === network));
  if (perAddress === null || isKnown) bounds.push([Math.ceil((perAddress ?? all) / 2), (guess) => guess.from === from]);
  const recent = refused.filter((guess) => isRecent(guess, now)).sort((a, b) => a.at - b.at);
  let retryAt = 0;
  let mayExceed = false;
  for (const [most, counts] of bounds) {
    const failed = recent.filter(counts);
    if (failed.length >= most) retryAt = Math.max(retryAt, (failed.at(-most)?.at ?? now) + LOCK_OUT_WINDOW_MS);
    if (failed.length + asked.filter(counts).length >= most) mayExceed = true;
  }
  if (retryAt > 0) return { retryAt };
  return mayExceed ? 'wait' : 'ask';
}

/** Bounds what some guesses may cause, and strangers among them. */
function boundsWithin(limit: number, isKnown: boolean, counts: Bound[1]): Bound[] {
  const forStrangers = Math.max(1, limit - Math.ceil(limit / 4));
  return [
    [limit, counts],
    ...(isKnown ? [] : [[forStrangers, (guess: Guess) => !guess.isKnown && counts(guess)] as const]),
  ];
}

/** Whether the storage still counts a refusal. One from the future is from before the clock was set back. */
export function isRecent({ at }: Pick<Guess, 'at'>, now: number): boolean {
  return at <= now && now - at < LOCK_OUT_WINDOW_MS;
}
