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
 * Ignores that a reader stops early (`| head`) or that a terminal is closed (EIO): neither is a failure, and the work
 * goes on.
 */
export function tolerateClosedPipe(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

/** Resolves when everything written has left the process, or no longer can because the reader is gone. */
export function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
