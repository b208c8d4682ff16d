import type { BodyReader } from '../transport/transport.js';

/** A body that is taken piece by piece: between two pieces its connection waits. */
export interface Pieces extends BodyReader {
  /** Returns as many bytes as asked for, fewer only at the end of the body or where it broke off. */
  take(count: number): Promise<Uint8Array>;
  /** Says that nothing more comes. */
  finish(): void;
  /** All bytes that have come so far. */
  readonly receivedBytes: number;
}

/** Reads no further than to the chunk, 64 KiB at most, in which what was asked for ends. */
export function createPieces(): Pieces {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let received = 0;
  let wanted = 0;
  let isOver = false;
  let onEnough: (() => void) | null = null;
  let goOn: ((goesOn: boolean) => void) | null = null;

  const settle = () => {
    if (held < wanted && !isOver) return;
    onEnough?.();
    onEnough = null;
  };
  const cut = (count: number): Uint8Array => {
    const all = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
    // Copied: a slice would keep its whole chunk in memory.
    const piece = new Uint8Array(all.subarray(0, count));
    const rest = all.subarray(piece.length);
    chunks = rest.length === 0 ? [] : [rest];
    held = rest.length;
    return piece;
  };

  return {
    get receivedBytes() {
      return received;
    },
    write(bytes) {
      // The parser's memory is used again.
      chunks.push(new Uint8Array(bytes));
      held += bytes.length;
      received += bytes.length;
      settle();
      if (held < wanted) return true;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    },
    async take(count) {
      wanted = count;
      if (held < count && !isOver) {
        const enough = new Promise<void>((resolve) => {
          onEnough = resolve;
        });
        goOn?.(true);
        goOn = null;
        await enough;
      }
      return cut(count);
    },
    finish() {
      isOver = true;
      goOn?.(false);
      goOn = null;
      settle();
    },
  };
}
