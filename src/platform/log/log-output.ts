import { type DestinationStream, destination } from 'pino';

const STDOUT = 1;
/** How much of the log is kept while it can't be written: a day of a quiet daemon, or some minutes of a busy one in trouble. */
const KEPT_BYTES = 1_048_576;
/** Writing is retried with every new line, and at this interval if none comes. */
const RETRY_EVERY_MS = 1_000;
/** PIPE_BUF: a pipe takes writes up to this size whole or not at all, so lines of two threads don't mix. */
const WHOLE_BYTES = 4_096;

/**
 * Opens standard output for the log, written synchronously. A full disk or a reader that is stuck or gone costs only
 * lines and never blocks the daemon: what can't be written is kept up to a limit and written later. Once writing works
 * again, `onLost` is told how many lines were dropped.
 */
export function openLogOutput(onLost: (lines: number) => void, fd: number = STDOUT): DestinationStream {
  // By itself it would wait for a stuck reader and block the whole thread.
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
    // Except if the reader is gone: after EPIPE pino itself stops writing.
    if (error.code === 'EPIPE') return;
    if (isToBeRetried) return;
    isToBeRetried = true;
    setTimeout(() => {
      isToBeRetried = false;
      output.write(''); // `flush` does nothing for an output without a minimum length
    }, RETRY_EVERY_MS).unref();
  });
  output.on('drain', () => {
    const lines = lost;
    lost = 0;
    if (lines > 0) onLost(lines);
  });
  return output;
}
