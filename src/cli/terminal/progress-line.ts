import { printable, type Terminal } from './io.js';

/** A line on a terminal that is overwritten by the next one; nothing is shown elsewhere. */
export interface ProgressLine {
  show(text: string): void;
  /** Clears the line; call it before anything else is written to the same terminal, and at the end. */
  clear(): void;
}

/** More often than that nobody can see, and a slow connection copes with it. */
const EVERY_MS = 100;
const USUAL_WIDTH = 80;
const CLEAR_LINE = '\r\u001b[2K';

export function createProgressLine(stream: Terminal, clock: () => number = Date.now): ProgressLine {
  if (stream.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let isShown = false;
  let nextAt = 0;
  return {
    show(text) {
      if (clock() < nextAt) return;
      nextAt = clock() + EVERY_MS;
      isShown = true;
      // Cut so that it doesn't wrap: a second line would not be cleared. A terminal of unknown width reports 0.
      const width = stream.columns === undefined || stream.columns === 0 ? USUAL_WIDTH : stream.columns;
      stream.write(`${CLEAR_LINE}${printable(text).slice(0, width - 1)}`);
    },
    clear() {
      if (isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
