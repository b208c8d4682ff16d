import { printable, type Terminal } from './io.js';

/** One line on a terminal that is written over; nothing elsewhere. */
export interface ProgressLine {
  show(text: string): void;
  /** Before anything else is written to the same terminal, and at the end. */
  clear(): void;
}

/** People see no more, and a slow connection carries it. */
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
      // Cut where it would wrap: a second line would stay. A terminal that doesn't know its width says 0.
      const width = stream.columns === undefined || stream.columns === 0 ? USUAL_WIDTH : stream.columns;
      stream.write(`${CLEAR_LINE}${printable(text).slice(0, width - 1)}`);
    },
    clear() {
      if (isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
