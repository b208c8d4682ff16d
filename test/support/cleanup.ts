/** What has to be undone at the end, however far the beginning came. */
export interface Cleanup {
  add(undo: () => unknown): void;
  /** Undoes everything, the last first. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const actions: (() => unknown)[] = [];
  return {
    add(undo) {
      actions.push(undo);
    },
    async run() {
      for (let undo = actions.pop(); undo !== undefined; undo = actions.pop()) await undo();
    },
  };
}
