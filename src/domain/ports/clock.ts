/** Returns the time in milliseconds since the epoch. */
export type Clock = () => number;

/** Waits this many ms; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;
