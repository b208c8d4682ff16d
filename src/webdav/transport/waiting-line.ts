/** A queue of waiters, each admitted with a word, first come, first served. */
export interface WaitingLine<Word> {
  readonly length: number;
  /**
   * Resolves when its turn has come; rejects with the signal's reason if aborted before. At the `front` it goes before
   * all that wait at the `back`, and these before all that are `last`.
   */
  wait(signal: AbortSignal, end?: End): Promise<Word>;
  /** Admits the first waiter; returns false if nobody waits. */
  admit(word: Word): boolean;
}

export type End = 'front' | 'back' | 'last';

export function createWaitingLine<Word>(): WaitingLine<Word> {
  const lanes: Record<End, ((word: Word) => void)[]> = { front: [], back: [], last: [] };
  return {
    get length() {
      return lanes.front.length + lanes.back.length + lanes.last.length;
    },
    wait: (signal, end = 'back') =>
      new Promise((resolve, reject) => {
        const lane = lanes[end];
        const goOn = (word: Word) => {
          signal.removeEventListener('abort', giveUp);
          resolve(word);
        };
        const giveUp = () => {
          lane.splice(lane.indexOf(goOn), 1);
          reject(signal.reason);
        };
        lane.push(goOn);
        signal.addEventListener('abort', giveUp, { once: true });
      }),
    admit(word) {
      const next = lanes.front.shift() ?? lanes.back.shift() ?? lanes.last.shift();
      next?.(word);
      return next !== undefined;
    },
  };
}

/** Turns at something that only one may use at a time. */
export interface Turns {
  /** Waits for a turn; the returned function ends it and must be called. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(): Turns {
  const line = createWaitingLine<void>();
  let isTaken = false;
  const end = () => {
    isTaken = line.admit(undefined);
  };
  return {
    async take(signal) {
      if (isTaken) await line.wait(signal);
      isTaken = true;
      return end;
    },
  };
}
