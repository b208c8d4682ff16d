import { setImmediate as nextTurn } from 'node:timers/promises';
import { OvadexError } from '../domain/errors.js';
import type { ImageCatalogue, ImageSnapshot, ImageSnapshots } from '../domain/ports.js';
import { toJson } from '../domain/printable.js';
import { listEnd, listHead } from './envelope.js';
import type { Links } from './links.js';
import { type LongLists, toItem } from './list-answers.js';
import { pagesOf } from './paging.js';

/**
 * From so many images on a list is read, encoded and sent bit by bit: at once it would be some 4 MB, which take this
 * thread some 40 ms, a sixteenth of what is kept, and several times as much memory while they are made.
 */
const LONG_FROM_IMAGES = 20_000;
/** Some 100 KB of text, made in a millisecond or two: no other request waits longer than that. */
const CHUNK_IMAGES = 500;

/** Reads the long lists of spaces. */
export function createLongLists({
  catalogue,
  snapshots,
}: {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'images'>;
  readonly snapshots: ImageSnapshots;
}): LongLists {
  return {
    async spaceOf(user, query) {
      const space = await catalogue.space(user);
      if (space === null || space.images < LONG_FROM_IMAGES) return null;
      if (query.nameContains.length === 0 && (query.filter ?? []).length === 0) return space;
      // The catalogue keeps the count for as long as the revision stands.
      const first = await catalogue.images(user, { ...query, page: { number: 1, size: 1, cursor: null } });
      return first !== null && first.place.total >= LONG_FROM_IMAGES ? first.space : null;
    },

    async open({ user, links }, query, about) {
      const snapshot = await snapshots.open(user, query);
      // Lost to the configuration in these milliseconds; asked again, it is an empty list.
      if (snapshot === null) throw new OvadexError('unavailable', `the space of "${user}" has gone`);
      const { etag, modified, end } = about(snapshot.space);
      return { etag, modified, text: (seconds) => listText(snapshot, links(), user, () => end(seconds())) };
    },
  };
}

/** Other requests have their turn in between. */
async function* listText(
  snapshot: ImageSnapshot,
  links: Links,
  user: string,
  end: () => string,
): AsyncGenerator<string, void> {
  let count = 0;
  try {
    let before = listHead(links);
    for (;;) {
      const images = await snapshot.next(CHUNK_IMAGES);
      if (images.length === 0) break;
      yield before + toJson(images.map(toItem)).slice(1, -1);
      before = ',';
      count += images.length;
      await nextTurn();
    }
    yield `${count === 0 ? before : ''}${listEnd(user, count, pagesOf(links, count, undefined))}${end()}`;
  } finally {
    snapshot.close();
  }
}
