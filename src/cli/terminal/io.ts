import { printableLines, toJson } from '../../domain/text/printable.js';
import type { Environment } from '../../platform/service/notify.js';
import type { ProcessEvents } from '../../platform/shutdown.js';

export { printable } from '../../domain/text/printable.js';

/** A stream that may be a terminal. */
export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** Everything a command may use of its process. Results go to `stdout`; progress, warnings and errors to `stderr`. */
export interface Io {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly process: ProcessEvents;
  readonly env: Environment;
  /** Standard input; opened on the first call. */
  readonly stdin?: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** Writes whole lines; control characters are escaped, wherever they came from. */
export function writeLines(stream: Terminal, ...lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${printableLines(lines.join('\n'))}\n`);
}

/** Writes one JSON document. */
export function writeJson(stream: Terminal, value: unknown): void {
  writeLines(stream, toJson(value, 2));
}

/**
 * Lets a command go on if its output can't be written, and tells by what returns the first error of that, null if there
 * was none. A reader that stops early (`| head`) and a terminal that was closed (EIO) are no errors.
 */
export function watchOutput(stream: NodeJS.WritableStream): () => Error | null {
  let first: Error | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') first ??= error;
  });
  return () => first;
}

/** Resolves when everything written has left the process, or no longer can because the reader is gone. */
export function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    // A device that is full refuses even to take nothing; of an earlier write that failed the error is still to come.
    if ('writableLength' in stream && stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => resolve());
  });
}
