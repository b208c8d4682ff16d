import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { readUnacknowledged, type Unacknowledged } from './unacknowledged.js';

/** A person's line may hang for some seconds; a client that takes nothing for a minute takes nothing any more. */
export const STALLED_MS = 60_000;
/** Looks at each socket before it is ended, so that one is ended a sixth of the time late at most. */
const LOOKS = 6;
/** Of many that stall at once the log has a line a minute. */
const REPORT_EVERY_MS = 60_000;

interface Progress {
  /** Bytes that the kernel has taken. */
  readonly taken: number;
  /** What is known of its own queue; null before it was asked. */
  readonly kernel: string | null;
  readonly since: number;
}

/** What libuv holds for a socket is told by its handle only: `bytesWritten` of the socket counts it as gone. */
interface WriteHandle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

/**
 * Ends connections of clients that have taken nothing for `stalledMs` of what waits to be written, whatever it is and
 * whatever they send meanwhile: it would be kept for them for ever. Answers the function that ends the looking.
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
    // The kernel's part of the queue moves before ours does; it is asked only where ours has not.
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
    logger.info(
      { connections: ended, stalledMs },
      'connections of clients that took nothing of their answers are ended',
    );
    ended = 0;
  };

  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((err: unknown) => logger.error({ err }, 'could not look for clients that take nothing'))
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

/** What the kernel has taken of all that was ever written. */
function takenBytes(socket: Socket): number {
  const { bytesWritten = 0, writeQueueSize = 0 } = handleOf(socket);
  return bytesWritten - writeQueueSize;
}
