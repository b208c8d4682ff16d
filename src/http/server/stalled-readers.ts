import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { readUnacknowledged, type Unacknowledged } from './unacknowledged.js';

/** A connection may hang for some seconds; a client that takes nothing for a minute will not take anything again. */
export const STALLED_MS = 60_000;
/** Number of checks before a socket is ended, so that it is ended at most a sixth of the time late. */
const LOOKS = 6;
/** If many stall at once, the log has one line a minute. */
const REPORT_EVERY_MS = 60_000;

interface Progress {
  /** Number of bytes that the kernel has taken. */
  readonly taken: number;
  /** The state of the kernel's queue; null if not asked yet. */
  readonly kernel: string | null;
  readonly since: number;
}

/** The handle of a socket, which alone tells how much libuv holds: `bytesWritten` of the socket counts that as sent. */
interface WriteHandle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

/**
 * Ends connections of clients that have taken nothing for `stalledMs` while something waits to be written, even if they
 * go on sending: the data would be kept for them for ever. Returns the function that stops the checks.
 */
export function endStalledReaders(
  sockets: ReadonlySet<Socket>,
  {
    stalledMs,
    logger,
    unacknowledged = readUnacknowledged,
  }: {
    readonly stalledMs: number;
    readonly logger: Logger;
    readonly unacknowledged?: () => Promise<Unacknowledged>;
  },
): () => void {
  let progress = new Map<Socket, Progress>();
  let isLooking = false;
  let ended = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  const look = async () => {
    const waiting = [...sockets].filter((socket) => queuedBytes(socket) > 0);
    // The kernel's part of the queue moves before ours does; it is asked only if ours has not moved.
    const isSuspicious = waiting.some((socket) => progress.get(socket)?.taken === takenBytes(socket));
    const kernel = isSuspicious ? await unacknowledged() : null;
    const now = performance.now();
    const next = new Map<Socket, Progress>();
    for (const socket of waiting) {
      if (socket.destroyed) continue;
      const before = progress.get(socket);
      const taken = takenBytes(socket);
      const queue = kernel?.of(socket) ?? null;
      const hasMoved = before?.taken !== taken || (before.kernel !== null && before.kernel !== queue);
      if (hasMoved || now - before.since < stalledMs) {
        next.set(socket, {
          taken,
          kernel: before?.taken === taken ? queue : null,
          since: hasMoved ? now : before.since,
        });
        continue;
      }
      socket.destroy();
      ended++;
    }
    progress = next;
    if (ended === 0 || now - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = now;
    logger.info({ connections: ended, stalledMs }, 'closed connections of clients that stopped reading');
    ended = 0;
  };

  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((err: unknown) => logger.error({ err }, 'could not check for clients that stopped reading'))
      .finally(() => {
        isLooking = false;
      });
  }, stalledMs / LOOKS);
  timer.unref();
  return () => clearInterval(timer);
}

function handleOf(socket: Socket): WriteHandle {
  return (socket as { _handle?: WriteHandle | null })._handle ?? {};
}

function queuedBytes(socket: Socket): number {
  return Math.max(socket.writableLength, handleOf(socket).writeQueueSize ?? 0);
}

/** Returns how many of the bytes ever written the kernel has taken. */
function takenBytes(socket: Socket): number {
  const { bytesWritten = 0, writeQueueSize = 0 } = handleOf(socket);
  return bytesWritten - writeQueueSize;
}
