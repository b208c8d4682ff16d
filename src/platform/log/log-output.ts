import { type DestinationStream, destination } from 'pino';

const STDOUT = 1;
/** So much of the log is kept while it can't be written: a day of a quiet daemon, some minutes of a busy one's trouble. */
const KEPT_BYTES = 1_048_576;
/** What is kept is tried again with every new line, and so often where none comes. */
const RETRY_EVERY_MS = 1_000;
/** PIPE_BUF: a pipe takes so much whole or not at all, so no line of one thread comes into another one's. */
const WHOLE_BYTES = 4_096;

/**
 * The log's standard output, written at once. A full disk, a reader that is stuck and one that is gone cost lines, and
 * neither the daemon nor its time: what can't be written is kept up to a bound and written later. `onLost` is told how many
 * lines went beyond that, when writing is possible again.
 */
export function openLogOutput(onLost: (lines: number) => void, fd: number = STDOUT): DestinationStream {
  // By itself it would wait for a stuck reader, and all of this thread with it.
  const output = destination({
    fd,
    sync: true,
    maxLength: KEPT_BYTES,
    maxWrite: WHOLE_BYTES,
    retryEAGAIN: () => false,
  });
  let lost = 0;
  let isToBeRetried = false;
  output.on('drop', () => {
    lost++;
  });
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'write') throw error;
    // Unless there is nobody left to read: pino itself writes no more after EPIPE.
    if (error.code === 'EPIPE') return;
    if (isToBeRetried) return;
    isToBeRetried = true;
    setTimeout(() => {
      isToBeRetried = false;
      output.write(''); // `flush` does nothing to an output without a least length
    }, RETRY_EVERY_MS).unref();
  });
  output.on('drain', () => {
    const lines = lost;
    lost = 0;
    if (lines > 0) onLost(lines);
  });
  return output;
}
