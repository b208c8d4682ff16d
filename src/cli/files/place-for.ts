import { OvadexError } from '../../domain/model/errors.js';
import type { Io } from '../terminal/io.js';
import type { OpenPlace } from './image-place.js';
import { localPlace } from './local-place.js';

/** Where a command's files are: in a user's space if there is one, which takes the configuration; else on this machine. */
export interface WhichFiles {
  readonly user?: string | undefined;
  readonly config: string;
}

/** Returns how to open the place of these files. Opening it throws OvadexError `usage` if one of them can't be in a space. */
export function placeFor(files: readonly string[], { user, config }: WhichFiles, io: Io): OpenPlace {
  if (user === undefined) return async () => localPlace();
  return async (signal) => {
    const [{ pathInSpace }, { openSpacePlace }] = await Promise.all([
      import('../../domain/description/path-in-space.js'),
      import('./open-space-place.js'),
    ]);
    for (const file of files) {
      const found = pathInSpace(file);
      if (found.kind === 'refused') throw new OvadexError('usage', `${file}: ${found.why}`);
    }
    return await openSpacePlace({ config, user }, io, signal);
  };
}
