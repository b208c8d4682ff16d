/** Answers the requests of one turn of the event loop together, right after the last of them has arrived. */
export interface Batches {
  /** Postpones an answer to the end of this turn. It must not throw. */
  atEnd(answer: () => void): void;
  /**
   * Returns `read`, called only once for all answers at the end of a turn: all their requests had arrived before, so
   * what was true at the time of the reading was true after each arrival. Elsewhere it reads each time.
   */
  oncePerBatch<T>(read: () => T): () => T;
}

export function createBatches(): Batches {
  let waiting: (() => void)[] = [];
  /** Identity of the turn that is being answered; null between turns, so that an answer that had to wait reads anew. */
  let turn: object | null = null;

  const answerAll = () => {
    const answers = waiting;
    waiting = [];
    turn = {};
    for (const answer of answers) answer();
    turn = null;
  };

  return {
    atEnd(answer) {
      // Immediates run once everything that the kernel had is read.
      if (waiting.push(answer) === 1) setImmediate(answerAll);
    },
    oncePerBatch(read) {
      let known: { readonly turn: object; readonly value: ReturnType<typeof read> } | null = null;
      return () => {
        if (turn === null) return read();
        if (known?.turn !== turn) known = { turn, value: read() };
        return known.value;
      };
    },
  };
}
