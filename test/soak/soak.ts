import { Violation } from './check/violation.js';
import { createTally, type Tally } from './tally.js';

/** What is played: histories of one kind, which are data. */
export interface Game<History extends { readonly seed: number }> {
  /** Pure: the same number is the same history. */
  draw(seed: number): History;
  /** Plays it to its end. Throws `Violation` at the first broken invariant. */
  play(history: History, tally: Tally, onStep: () => void): Promise<void>;
  /** Looks for the smallest history that still fails, for so long. */
  shrink(history: History, fails: (smaller: History) => Promise<boolean>, maxMs: number): Promise<History>;
}

export interface SoakOptions<History extends { readonly seed: number }> {
  readonly game: Game<History>;
  /** Histories are played until so many steps are done; the last one is played to its end. */
  readonly steps: number;
  /** Of the first history; the next has the next. */
  readonly seed: number;
  readonly tally: Tally;
  /** A history that fails is cut down for so long; 0 takes it as it is. */
  readonly shrinkMs: number;
}

export interface Failure<History> {
  readonly seed: number;
  readonly violation: Violation;
  /** The step of the whole history, from 1 on; one more than there are is the end. */
  readonly step: number;
  /** What was played, cut down to what is needed. */
  readonly history: History;
}

/** Plays one history after the other; the first that fails ends it. */
export async function soak<History extends { readonly seed: number }>(
  options: SoakOptions<History>,
): Promise<Failure<History> | null> {
  const { tally, game } = options;
  const last = tally.steps + options.steps;
  for (let { seed } = options; tally.steps < last; seed++) {
    const failure = await tryHistory(game.draw(seed), options);
    if (failure !== null) return failure;
  }
  return null;
}

/** Plays a history; one that fails is cut down. Throws what is no violation: then the soak itself is broken. */
export async function tryHistory<History extends { readonly seed: number }>(
  history: History,
  { game, tally, shrinkMs }: Pick<SoakOptions<History>, 'game' | 'tally' | 'shrinkMs'>,
): Promise<Failure<History> | null> {
  const attempt = async (candidate: History, counted: Tally) => {
    let step = 0;
    try {
      await game.play(candidate, counted, () => {
        step++;
      });
      return null;
    } catch (error) {
      if (error instanceof Violation) return { violation: error, step };
      throw error;
    }
  };

  const first = await attempt(history, tally);
  if (first === null) return null;
  const { invariant } = first.violation;
  const fails = async (candidate: History) => {
    const found = await attempt(candidate, createTally()).catch(() => null);
    return found?.violation.invariant === invariant;
  };
  const smallest = shrinkMs === 0 ? history : await game.shrink(history, fails, shrinkMs);
  const found = await attempt(smallest, createTally());
  return { seed: history.seed, step: first.step, violation: found?.violation ?? first.violation, history: smallest };
}
