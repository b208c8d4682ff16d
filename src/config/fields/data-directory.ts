import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Why there can be no such folder: it, or the nearest of those above that there is, is something else. null where it is there
 * or can be made, as far as that can be seen.
 */
export function troubleOfFolder(directory: string): string | null {
  for (let place = directory; ; place = dirname(place)) {
    try {
      if (statSync(place).isDirectory()) return null;
      return place === directory ? `${directory} is a file` : `${place} is a file, so nothing can lie below it`;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      // What may not be looked at is told by whoever needs it.
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || place === dirname(place)) return null;
    }
  }
}
