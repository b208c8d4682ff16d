import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Looks which standard streams are terminals; the answered function lets go of those whose terminal was closed since.
 * Node wants to restore a terminal's settings when it exits, and crashes where that is gone.
 */
export function watchTerminals(): () => void {
  const terminals = STANDARD_STREAMS.filter(isatty);
  return () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue;
      closeSync(fd);
      openSync('/dev/null', 'r+'); // takes the lowest free number, which is this one
    }
  };
}
