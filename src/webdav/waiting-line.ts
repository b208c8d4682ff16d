/** Those who wait for something, first come, first served. */
export interface WaitingLine {
  readonly length: number;
  /** Settles when its turn has come; rejects with the signal's reason when it is aborted before that. */
  wait(signal: AbortSignal): Promise<void>;
  /** Lets the first one go on; false where nobody waits. */
  admit(): boolean;
}

export function createWaitingLine(): WaitingLine {
  const waiting: (() => void)[] = [];
  return {
    get length() {
      return waiting.length;
    },
    wait: (signal) =>
      new Promise((resolve, reject) => {
        const goOn = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(goOn), 1);
          reject(signal.reason);
        };
        waiting.push(goOn);
        signal.addEventListener('abort', giveUp, { once: true });
      }),
    admit() {
      const next = waiting.shift();
      next?.();
      return next !== undefined;
    },
  };
}

/** Something that only one has at a time. */
export interface Turns {
  /** Waits for its turn; the answer ends it, and must be called. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(): Turns {
  const line = createWaitingLine();
  let isTaken = false;
  const end = () => {
    isTaken = line.admit();
  };
  return {
    async take(signal) {
      if (isTaken) await line.wait(signal);
      isTaken = true;
      return end;
    },
  };
}
