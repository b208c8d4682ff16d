/** Lets players who share their time come one after the other, but for those who may go on at the same time. */
export interface Turns {
  /** While nobody else does anything. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Once all who still play have come here, and at the same time as they. */
  together<T>(work: () => Promise<T>): Promise<T>;
  /** A player has come to the end. */
  leave(): void;
  /** One has failed: the others come no further. */
  fail(): void;
}

/** What players meet with whose fellow has failed. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

export function createTurns(players: number): Turns {
  let playing = players;
  let waiting = 0;
  let inside = 0;
  let isTaken = false;
  let hasFailed = false;
  let wake: () => void = () => undefined;
  let changed = Promise.resolve();
  const change = () => {
    const before = wake;
    changed = new Promise((resolve) => {
      wake = resolve;
    });
    before();
  };
  change();
  const until = async (mayGo: () => boolean) => {
    while (!hasFailed && !mayGo()) await changed;
    if (hasFailed) throw new Abandoned();
  };

  return {
    async alone(work) {
      await until(() => !isTaken && inside === 0);
      isTaken = true;
      try {
        return await work();
      } finally {
        isTaken = false;
        change();
      }
    },
    async together(work) {
      waiting++;
      change();
      try {
        await until(() => !isTaken && waiting + inside === playing);
        inside++;
      } finally {
        waiting--;
        change();
      }
      try {
        return await work();
      } finally {
        inside--;
        change();
      }
    },
    leave() {
      playing--;
      change();
    },
    fail() {
      hasFailed = true;
      change();
    },
  };
}
