import { printableLines, toJson } from '../../domain/text/printable.js';
import type { Environment } from '../../platform/service/notify.js';
import type { ProcessEvents } from '../../platform/shutdown.js';

export { printable } from '../../domain/text/printable.js';

/** A stream that may be a terminal. */
export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** All that a command sees of its process. Results go to `stdout`; progress, warnings and errors to `stderr`. */
export interface Io {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly process: ProcessEvents;
  readonly env: Environment;
  /** What is typed or piped in; opened when it is asked for. */
  readonly stdin?: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** Writes whole lines; what would steer a terminal is shown by its number, wherever it came from. */
export function writeLines(stream: Terminal, ...lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${printableLines(lines.join('\n'))}\n`);
}

/** Writes one JSON document. */
export function writeJson(stream: Terminal, value: unknown): void {
  writeLines(stream, toJson(value, 2));
}

/**
 * Whoever reads may stop early (`| head`): that is no failure, and what goes on behind it goes on. So may a terminal be
 * closed (EIO).
 */
export function tolerateClosedPipe(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

/** Settles when all that was written has left the process, or can't any more because its reader is gone. */
export function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
