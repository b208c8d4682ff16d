import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Notes which standard streams are terminals; the returned function detaches those whose terminal was closed since. At
 * exit Node restores the settings of terminals, and crashes if one is gone.
 */
export function watchTerminals(): () => void {
  const terminals = STANDARD_STREAMS.filter(isatty);
  return () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue;
      closeSync(fd);
      openSync('/dev/null', 'r+'); // takes the lowest free descriptor, which is this one
    }
  };
}
