/** Bytes that may wait for a client before more is produced: some packets, so that a quick one never waits. */
const HIGH_WATER_BYTES = 256 * 1024;
/** How long production may wait for a client; then the rest is produced, so that what it holds open can be released. */
const HOLD_MS = 2_000;
/**
 * A client that takes less than this in `PACE_MS` is cut: 26 KB/s is slower than any connection meant for such lists.
 */
const PACE_BYTES = 256 * 1024;
const PACE_MS = 10_000;

export interface StreamBounds {
  readonly holdMs?: number;
  readonly paceMs?: number;
}

/**
 * Streams a source's bytes, at first producing no more than the client takes: see the limits above. The source ends
 * with the stream, however that ends; `cut` is called for a client that is too slow.
 */
export function byteStream(
  source: AsyncGenerator<Uint8Array, void>,
  cut: () => void,
  { holdMs = HOLD_MS, paceMs = PACE_MS }: StreamBounds = {},
): ReadableStream<Uint8Array> {
  let resume: (() => void) | undefined;
  let isHeld = true;
  let isOver = false;
  let takenBytes = 0;
  let madeBytes = 0;
  let isMade = false;
  let stopPace = (): void => undefined;

  /** Ends the source and all waiting, even if nobody ever reads or cancels the stream. */
  const stop = () => {
    isOver = true;
    stopPace();
    resume?.();
  };

  /** Closes the stream only once all is taken, so that a client that leaves the last part waiting can still be cut. */
  const closeIfTaken = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (isOver || !isMade || (controller.desiredSize ?? 0) < HIGH_WATER_BYTES) return;
    isOver = true;
    stopPace();
    controller.close();
  };

  const run = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const hold = setTimeout(() => {
      isHeld = false;
      resume?.();
    }, holdMs);
    const waiting = () => Math.max(0, HIGH_WATER_BYTES - (controller.desiredSize ?? HIGH_WATER_BYTES));
    const pace = setInterval(() => {
      const taken = madeBytes - waiting();
      const isSlow = waiting() > 0 && taken - takenBytes < PACE_BYTES;
      takenBytes = taken;
      if (!isSlow) return;
      stop();
      cut();
    }, paceMs);
    stopPace = () => clearInterval(pace);
    try {
      for await (const chunk of source) {
        if (isOver) return;
        madeBytes += chunk.length;
        controller.enqueue(chunk);
        if (isHeld && (controller.desiredSize ?? 0) <= 0) {
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
        if (isOver) return;
      }
      isMade = true;
      closeIfTaken(controller);
    } catch (error) {
      if (!isOver) controller.error(error);
      stopPace();
    } finally {
      clearTimeout(hold);
    }
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        void run(controller);
      },
      pull(controller) {
        resume?.();
        closeIfTaken(controller);
      },
      cancel: stop,
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.length },
  );
}
