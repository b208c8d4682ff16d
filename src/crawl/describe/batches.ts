import type { Clock } from '../../domain/ports/clock.js';
import type { DescriptionStore, ImageToRead } from '../../domain/ports/description-store.js';

/** What is to be read of each space, asked for many at once and given out one by one. */
export interface Batches {
  /**
   * Takes the first image of a space that `claim` agrees to, which makes it the caller's before anybody else is asked;
   * null if there is none. `passedOver` is how many it may refuse, so that those behind them are found.
   */
  take(spaceId: number, claim: (image: ImageToRead) => boolean, passedOver: number): Promise<ImageToRead | null>;
  /** Forgets what was asked for, so that what has come since goes first. */
  drop(spaceId: number): void;
}

/** To find the newest of a million images takes some 0.3 s: at thirty a second, a thousand are read in a hundred times that. */
const AT_ONCE = 1_000;
/** What another process lists meanwhile isn't to wait for long; a search a minute is nothing even in a large space. */
const GOOD_FOR_MS = 60_000;
/** Bounds memory, some 300 bytes an image: with more spaces in turn, those that were asked for longest ago are asked anew. */
const MOST_KEPT = 32;

interface Batch {
  readonly askedAt: number;
  readonly images: readonly ImageToRead[];
  /** Which of them is given out next. */
  next: number;
}

export function createBatches(descriptions: Pick<DescriptionStore, 'toRead'>, steadyClock: Clock): Batches {
  const batches = new Map<number, Batch>();

  const ask = async (spaceId: number, passedOver: number): Promise<Batch> => {
    const askedAt = steadyClock();
    const batch = { askedAt, images: await descriptions.toRead(spaceId, AT_ONCE + passedOver), next: 0 };
    batches.delete(spaceId);
    batches.set(spaceId, batch);
    const [oldest] = batches.size > MOST_KEPT ? batches.keys() : [];
    if (oldest !== undefined) batches.delete(oldest);
    return batch;
  };

  return {
    async take(spaceId, claim, passedOver) {
      const kept = batches.get(spaceId);
      if (kept !== undefined && steadyClock() - kept.askedAt < GOOD_FOR_MS) {
        const image = takeFirst(kept, claim);
        if (image !== null) return image;
      }
      const batch = await ask(spaceId, passedOver);
      const image = takeFirst(batch, claim);
      if (image === null) batches.delete(spaceId);
      return image;
    },
    drop: (spaceId) => void batches.delete(spaceId),
  };
}

function takeFirst(batch: Batch, claim: (image: ImageToRead) => boolean): ImageToRead | null {
  while (batch.next < batch.images.length) {
    const image = batch.images[batch.next++];
    if (image !== undefined && claim(image)) return image;
  }
  return null;
}
