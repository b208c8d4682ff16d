import { FileChanged, OvadexError } from '../../domain/model/errors.js';
import type { StoredFile } from '../../ovf/manifest/stored-file.js';
import { isSystemError } from '../terminal/local-files.js';

/** Throws `FileChanged` if a file is no longer what it was when it was found. */
export type RequireSame = () => Promise<void>;

/** Returns a file that is looked at again after its last byte, before anything can be concluded from its bytes. */
export function readAsFound(file: StoredFile, requireSame: RequireSame): StoredFile {
  return {
    ...file,
    async *pieces() {
      try {
        yield* file.pieces();
      } catch (error) {
        await explained(error, requireSame);
      }
      await requireSame();
    },
  };
}

/** Looks at a file again after something was found out by reading it, whether that is an answer or an error. */
export async function foundInSame<Found>(find: () => Promise<Found>, requireSame: RequireSame): Promise<Found> {
  try {
    const found = await find();
    await requireSame();
    return found;
  } catch (error) {
    return await explained(error, requireSame);
  }
}

/** Throws an error again, unless it only came about because the file changed: then that. */
async function explained(error: unknown, requireSame: RequireSame): Promise<never> {
  if (!(error instanceof FileChanged) && mayBeByChange(error)) await requireSame();
  throw error;
}

/** A storage that fails is asked no more. */
function mayBeByChange(error: unknown): boolean {
  return error instanceof OvadexError ? error.code !== 'storage' : isSystemError(error);
}
