import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Explains why this folder can't exist: it, or the nearest existing path above it, is a file. Returns null if it exists
 * or, as far as can be seen, can be created.
 */
export function troubleOfFolder(directory: string): string | null {
  for (let place = directory; ; place = dirname(place)) {
    try {
      if (statSync(place).isDirectory()) return null;
      return place === directory ? `${directory} is a file` : `${place} is a file, so nothing can be below it`;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      // Missing permissions are reported by the code that needs them.
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || place === dirname(place)) return null;
    }
  }
}
