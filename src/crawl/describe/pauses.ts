import type { Clock } from '../../domain/ports/clock.js';
import type { ImageToRead } from '../../domain/ports/description-store.js';

/** The key of a space that is left alone. */
export const keyOfSpace = (spaceId: number) => `space ${spaceId}`;

/** The key of an image as it was listed: what has changed since is another one. */
export function keyOfImage({ id, sizeBytes, modifiedAt, etag }: ImageToRead): string {
  return `image ${id} ${sizeBytes} ${modifiedAt} ${etag}`;
}

/** What is left alone for a while after failures in a row, by its key. */
export interface Pauses {
  isPaused(key: string): boolean;
  /** Begins the next pause, as long as `lengthOf` says for this many failures in a row; returns its length in ms. */
  begin(key: string, lengthOf: (failures: number) => number): number;
  /** Forgets the failures of a key. */
  end(key: string): void;
}

/** Bounds memory; whoever is forgotten is tried once more, by mistake. */
const MOST_KEPT = 10_000;

export function createPauses(steadyClock: Clock): Pauses {
  const pauses = new Map<string, { readonly failures: number; readonly until: number }>();
  return {
    isPaused: (key) => (pauses.get(key)?.until ?? Number.NEGATIVE_INFINITY) > steadyClock(),
    begin(key, lengthOf) {
      const failures = (pauses.get(key)?.failures ?? 0) + 1;
      const lengthMs = lengthOf(failures);
      pauses.delete(key); // the last one to be forgotten
      pauses.set(key, { failures, until: steadyClock() + lengthMs });
      const [oldest] = pauses.size > MOST_KEPT ? pauses.keys() : [];
      if (oldest !== undefined) pauses.delete(oldest);
      return lengthMs;
    },
    end: (key) => void pauses.delete(key),
  };
}
