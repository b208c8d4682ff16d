/** Answers the requests that came in one turn of the event loop together, right after the last of them has come. */
export interface Batches {
  /** Keeps an answer for the end of this turn. It must not throw. */
  atEnd(answer: () => void): void;
  /**
   * `read`, but once for all that is answered at the end of a turn: every one of these requests was there before,
   * so whatever was true at the time of the look was true after each of them came. Elsewhere it reads each time.
   */
  oncePerBatch<T>(read: () => T): () => T;
}

export function createBatches(): Batches {
  let waiting: (() => void)[] = [];
  /** Of the turn that is being answered; null between turns, so that what an answer waited for is looked at anew. */
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
      // Immediates run when all that the kernel had is read.
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
