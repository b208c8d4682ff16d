/**
 * What so many requests hold until they are answered stays in the processor's caches: over a thousand connections all that
 * arrive in a turn, answered at its end, take twice the time of each, and V8 copies what waits there as it collects garbage.
 */
const TOGETHER = 32;

/** Answers the requests of one turn of the event loop together, right after the last of them has arrived. */
export interface Batches {
  /**
   * Postpones an answer to a request that has just arrived until some more have, or to the end of this turn. It must not
   * throw.
   */
  together(answer: () => void): void;
  /** Postpones an answer to the end of this turn. It must not throw. */
  atEnd(answer: () => void): void;
  /**
   * Returns `read`, called only once for all answers that are given together: all their requests had arrived before, so
   * what was true at the time of the reading was true after each arrival. Elsewhere it reads each time.
   */
  oncePerBatch<T>(read: () => T): () => T;
}

export function createBatches(): Batches {
  let waiting: (() => void)[] = [];
  /** Identity of the batch that is being answered; null between them, so that an answer that had to wait reads anew. */
  let batch: object | null = null;

  const answerAll = () => {
    const answers = waiting;
    waiting = [];
    batch = {};
    for (const answer of answers) answer();
    batch = null;
  };

  const atEnd = (answer: () => void) => {
    // Immediates run once everything that the kernel had is read.
    if (waiting.push(answer) === 1) setImmediate(answerAll);
  };
  return {
    atEnd,
    together(answer) {
      atEnd(answer);
      if (waiting.length >= TOGETHER && batch === null) answerAll();
    },
    oncePerBatch(read) {
      let known: { readonly batch: object; readonly value: ReturnType<typeof read> } | null = null;
      return () => {
        if (batch === null) return read();
        if (known?.batch !== batch) known = { batch, value: read() };
        return known.value;
      };
    },
  };
}
