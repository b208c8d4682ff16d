import { FileChanged, OvadexError } from '../../domain/model/errors.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { EXIT, exitCodeOf, graver } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, printable, writeLines } from '../terminal/io.js';
import { isSystemError, whyUnread } from '../terminal/local-files.js';
import type { ImagePlace, OpenPlace } from './image-place.js';

/** What a command does with one file: it returns the exit code that this one deserves. */
export type LookAtFile = (file: string, place: ImagePlace, signal: AbortSignal) => Promise<number>;

const QUIET = { info: () => undefined, error: () => undefined, fatal: () => undefined };

/**
 * Looks at one file after the other until a signal ends it, and returns the gravest exit code. A file that can't be read
 * is reported, and the others are looked at all the same; `user` is whose space they are in, if they are in one.
 */
export async function eachFile(
  files: readonly string[],
  { user }: { readonly user?: string | undefined },
  io: Io,
  open: OpenPlace,
  look: LookAtFile,
): Promise<number> {
  return await interruptible({ io, logger: QUIET, interruptedCode: signalExitCode }, async (signal) => {
    const place = await open(signal);
    try {
      let code: number = EXIT.ok;
      for (const file of files) {
        signal.throwIfAborted();
        try {
          code = graver(code, await look(file, place, signal));
        } catch (error) {
          if (!(error instanceof OvadexError) && !isSystemError(error)) throw error;
          writeLines(io.stderr, `ovadex: ${printable(file)}: ${whyUnread(error)}${adviceOn(error, user)}`);
          code = graver(code, codeOf(error));
        }
      }
      return code;
    } finally {
      await place.close();
    }
  });
}

/** Of a local file that can't be opened the exit code says only so much; one that changed may be read again. */
function codeOf(error: Error): number {
  if (error instanceof FileChanged) return EXIT.incomplete;
  return error instanceof OvadexError ? exitCodeOf(error) : EXIT.notFound;
}

function adviceOn(error: Error, user: string | undefined): string {
  const isOfStorage = user !== undefined && error instanceof OvadexError && error.code === 'storage';
  return isOfStorage ? `; "ovadex doctor --user ${printable(user)}" looks for the reason` : '';
}
