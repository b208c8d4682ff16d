import { LRUCache } from 'lru-cache';
import type { Image } from '../domain/image.js';
import type { ImageCatalogue } from '../domain/ports.js';
import type { ImageQuery } from '../domain/query.js';
import type { Space } from '../domain/space.js';
import { timestamp } from './envelope.js';

/** The items of an image list as the JSON array that answers carry. */
export interface PreparedList {
  readonly count: number;
  readonly text: string;
}

/** Lists by their text in memory; a list of 1,000 images is some 200 KB of it, so this is hundreds of users' lists. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** Also a bound for short lists under ever new queries: an entry itself takes some hundred bytes. */
const MAX_LISTS = 20_000;

/**
 * Answers image lists and keeps each as long as its space's revision stands. The
 * revision is read at every call and rises with every visible change, so what was
 * prepared before a commit is never given after it.
 */
export function createPreparedLists(catalogue: Pick<ImageCatalogue, 'space' | 'images'>) {
  const prepared = new LRUCache<string, PreparedList>({
    max: MAX_LISTS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ text }, key) => text.length + key.length,
  });

  /** `queryKey` stands for the query: the same key must mean the same question. null for a user without a space. */
  return async (
    user: string,
    query: ImageQuery,
    queryKey: string,
  ): Promise<{ space: Space; list: PreparedList } | null> => {
    const space = await catalogue.space(user);
    if (space === null) return null;
    const kept = prepared.get(keyOf(space, queryKey));
    if (kept !== undefined) return { space, list: kept };
    const found = await catalogue.images(user, query);
    if (found === null) return null;
    const list = { count: found.images.length, text: JSON.stringify(found.images.map(toItem)) };
    // The list is of this revision; the one read before may be older by now.
    prepared.set(keyOf(found.space, queryKey), list);
    return { space: found.space, list };
  };
}

function keyOf({ id, revision }: Space, queryKey: string): string {
  return `${id} ${revision} ${queryKey}`;
}

/** An image in the words of the wire contract. */
export function toItem({ name, path, id, sizeBytes, createdAt, updatedAt }: Image) {
  return {
    name,
    path,
    id,
    size: sizeBytes,
    created_on: timestamp(createdAt),
    updated_on: timestamp(updatedAt),
  };
}
