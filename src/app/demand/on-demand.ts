/** Something that is made for whoever asks for it first, as much of a daemon is that few ever need. */
export interface OnDemand<T> {
  /** Rejects if it can't be made; whoever asks next has it tried again. */
  get(): Promise<T>;
  /** Returns null if there is none. Never rejects, so that a stop can go on. */
  ifMade(): Promise<T | null>;
}

export function onDemand<T>(make: () => Promise<T>): OnDemand<T> {
  let made: Promise<T> | null = null;
  return {
    get() {
      made ??= make().catch((error: unknown) => {
        made = null;
        throw error;
      });
      return made;
    },
    ifMade: async () => (made === null ? null : await made.catch(() => null)),
  };
}
