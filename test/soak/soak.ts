import { Violation } from './check/violation.js';
import { drawHistory } from './draw/history.js';
import type { Theme } from './draw/themes.js';
import type { History } from './history.js';
import { play } from './play.js';
import { shrink } from './shrink.js';
import type { Stage } from './stage.js';
import { createTally, type Tally } from './tally.js';

export interface SoakOptions {
  readonly stage: Stage;
  /** Histories are played until so many steps are done; the last one is played to its end. */
  readonly steps: number;
  /** Of the first history; the next has the next. */
  readonly seed: number;
  readonly tally: Tally;
  /** A history that fails is cut down for so long; 0 takes it as it is. */
  readonly shrinkMs: number;
  /** Histories are about these themes alone; about anything where there is none. */
  readonly only?: readonly Theme[];
  readonly onHistory?: (seed: number) => void;
}

export interface Failure {
  readonly seed: number;
  readonly violation: Violation;
  /** The step of the whole history, from 1 on; one more than there are is the end. */
  readonly step: number;
  /** What was played, cut down to what is needed. */
  readonly history: History;
}

/** More don't make a counter-example shorter. */
const MAX_TRIES = 500;

/** Plays one history after the other; the first that fails ends it. */
export async function soak(options: SoakOptions): Promise<Failure | null> {
  const { tally } = options;
  const last = tally.steps + options.steps;
  for (let { seed } = options; tally.steps < last; seed++) {
    options.onHistory?.(seed);
    const failure = await tryHistory(drawHistory(seed, options.only), options);
    if (failure !== null) return failure;
  }
  return null;
}

/** Plays a history; one that fails is cut down. Throws what is no violation: then the soak itself is broken. */
export async function tryHistory(
  history: History,
  options: Pick<SoakOptions, 'stage' | 'tally' | 'shrinkMs'>,
): Promise<Failure | null> {
  const { stage, tally, shrinkMs } = options;
  const attempt = async (candidate: History, counted: Tally) => {
    let step = 0;
    try {
      await play(candidate, { stage, tally: counted }, () => {
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
  const smallest = shrinkMs === 0 ? history : await shrink(history, { fails, maxTries: MAX_TRIES, maxMs: shrinkMs });
  const found = await attempt(smallest, createTally());
  return { seed: history.seed, step: first.step, violation: found?.violation ?? first.violation, history: smallest };
}
