/** A space and a webhook that may have something to be told. */
export interface Turn {
  readonly hook: string;
  readonly spaceId: number;
}

/** Turns that wait: in order for a webhook, and webhooks one after the other. */
export interface ReadyQueue {
  add(turn: Turn): void;
  /** Returns the next turn that may begin, which runs until it is ended; null if none may. */
  take(): Turn | null;
  end(turn: Turn): void;
  /** Drops what waits for other webhooks than these. */
  retain(hooks: ReadonlySet<string>): void;
}

/**
 * Creates a queue from which `atOnce` turns run together, one for each webhook and space. A webhook whose receiver hangs
 * takes all but one of them, so that the others go on.
 */
export function createReadyQueue(atOnce: number): ReadyQueue {
  /** In the order in which they were served last. */
  const waiting = new Map<string, Set<number>>();
  const running = new Map<string, Set<number>>();
  const runningOf = (hook: string) => running.get(hook) ?? new Set<number>();
  const total = () => [...running.values()].reduce((sum, spaces) => sum + spaces.size, 0);

  return {
    add({ hook, spaceId }) {
      const spaces = waiting.get(hook) ?? new Set();
      waiting.set(hook, spaces.add(spaceId));
    },
    take() {
      if (total() >= atOnce) return null;
      for (const [hook, spaces] of waiting) {
        const its = runningOf(hook);
        if (its.size >= Math.max(1, atOnce - 1)) continue;
        for (const spaceId of spaces) {
          if (its.has(spaceId)) continue;
          spaces.delete(spaceId);
          waiting.delete(hook);
          if (spaces.size > 0) waiting.set(hook, spaces);
          running.set(hook, its.add(spaceId));
          return { hook, spaceId };
        }
      }
      return null;
    },
    end({ hook, spaceId }) {
      const its = runningOf(hook);
      its.delete(spaceId);
      if (its.size === 0) running.delete(hook);
    },
    retain(hooks) {
      for (const hook of [...waiting.keys()]) if (!hooks.has(hook)) waiting.delete(hook);
    },
  };
}
