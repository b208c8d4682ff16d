import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { type ImageQuery, isUnfiltered, totalOrder } from '../../domain/lists/image-list.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Space } from '../../domain/model/space.js';
import type { Landmarks } from '../../sql/page-anchors.js';
import { strideOf } from '../../sql/page-seek.js';
import { attemptNow } from '../file/run-query.js';
import { createIdleWork } from '../lists/idle-work.js';
import type { ListReader } from '../lists/list-reader.js';
import { COLUMN_OF_KEY } from './image-rows.js';
import { imageWalk } from './image-walk.js';

/** What is known about a list whose pages are requested by their numbers. */
export interface JumpList {
  readonly landmarks: Landmarks;
  /** There are landmarks all through it. */
  isPrepared: boolean;
}

/** In the middle of a list with fewer images, a random page takes less than 10 ms. */
const PREPARED_FROM = 100_000;
/** How often it is looked whether lists have changed of which pages were requested, and how often after the last request. */
const LOOK_EVERY_MS = 1_000;
const LOOKS = 60;
/** The most lists that are looked at; those of the last requests. */
const WATCHED = 8;

/** A list of which a page was requested by its number not long ago. */
interface WatchedList {
  readonly user: string;
  readonly query: ImageQuery;
  looksLeft: number;
  /** The revision of the space at which there are landmarks all through the list. */
  revision: number | null;
}

/**
 * Sets landmarks all through a long list between answers, once a client has requested a page of it by its number, as it
 * may jump to another, and for a minute whenever the list has changed. Measured with 1,000,000 images: of pages from anywhere,
 * the 99th percentile takes 3 ms with it, 29 ms without, and 250 ms if the keys are not read from their index alone either
 * (`imageWalk`).
 */
export function createJumpPreparation(
  db: Database,
  deps: {
    readonly lists: ListReader;
    readonly spaceNow: (user: string) => Space | null;
    readonly listOf: (space: Space, query: ImageQuery) => JumpList;
    readonly hasManyTombstones: () => boolean;
  },
): (user: string, query: ImageQuery, space: Space) => void {
  const { lists, spaceNow, listOf, hasManyTombstones } = deps;
  const idleWork = createIdleWork();
  const watched = new LRUCache<string, WatchedList>({ max: WATCHED });

  /** Sets one more landmark, as long as the space is at that revision; false if nothing is left to do. */
  const stride = db.transaction((of: WatchedList, revision: number, strides: number): boolean => {
    const space = spaceNow(of.user);
    const order = totalOrder(of.query.sort);
    const source = space?.revision === revision ? imageWalk(space.id, order, hasManyTombstones) : null;
    if (space === null || source === null) return false;
    const { images: count } = space;
    const offset = strides * strideOf(count);
    const list = listOf(space, of.query);
    list.isPrepared ||= offset >= count;
    if (list.isPrepared) {
      of.revision = revision;
      return false;
    }
    lists.approach({ source, order, columnOf: COLUMN_OF_KEY, count, landmarks: list.landmarks }, offset, 1);
    return true;
  });
  const prepare = (of: WatchedList, { revision, images }: Space) => {
    if (of.revision === revision || images < PREPARED_FROM) return;
    let strides = 1;
    idleWork.offer(() => db.open && attemptNow(() => stride.deferred(of, revision, strides++)));
  };

  const look = () => {
    for (const [key, list] of [...watched.entries()]) {
      const space = db.open && list.looksLeft > 0 ? spaceOrNull(list.user) : null;
      list.looksLeft--;
      if (space === null) watched.delete(key);
      else prepare(list, space);
    }
    if (watched.size > 0) lookLater();
  };
  const lookLater = () => void setTimeout(look, LOOK_EVERY_MS).unref();
  const spaceOrNull = (user: string): Space | null => {
    try {
      return attemptNow(() => spaceNow(user));
    } catch (error) {
      // The next request meets the same trouble with the index, and reports it.
      if (error instanceof OvadexError) return null;
      throw error;
    }
  };
  const watch = (user: string, query: ImageQuery): WatchedList => {
    if (watched.size === 0) lookLater();
    const key = JSON.stringify([user, query.sort]);
    const list = watched.get(key) ?? { user, query, looksLeft: LOOKS, revision: null };
    list.looksLeft = LOOKS;
    watched.set(key, list);
    return list;
  };

  return (user, query, space) => {
    if (query.page?.cursor !== null || !isUnfiltered(query) || space.images < PREPARED_FROM) return;
    if (imageWalk(space.id, totalOrder(query.sort), () => false) === null) return;
    prepare(watch(user, query), space);
  };
}
