import { drawHistory } from './draw/history.js';
import type { Theme } from './draw/themes.js';
import type { History } from './history.js';
import { play } from './play.js';
import { shrink } from './shrink.js';
import type { Game } from './soak.js';
import type { Stage } from './stage.js';

/** Creates the histories of one space in an index in a file; about these themes alone, or about anything where there is none. */
export function createOneHostGame(stage: Stage, only: readonly Theme[]): Game<History> {
  return {
    draw: (seed) => drawHistory(seed, only),
    play: (history, tally, onStep) => play(history, { setting: stage.makeSetting(), tally }, onStep),
    shrink: (history, fails, maxMs) => shrink(history, { fails, maxMs }),
  };
}
