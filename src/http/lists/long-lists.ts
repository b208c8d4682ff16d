import { setImmediate as nextTurn } from 'node:timers/promises';
import { OvadexError } from '../../domain/model/errors.js';
import type { ImageSnapshot, ImageSnapshots } from '../../domain/ports/image-catalogue.js';
import { IMAGE_COLUMNS, imageToJson, withOvf } from '../../wire/image.js';
import { type Links, pagesOf } from '../reply/links.js';
import type { LongLists } from './cache.js';
import { columnsFor, type ListForm } from './render.js';

/**
 * From this many images on, a list is read, encoded and sent piece by piece: at once it would be some 4 MB, which take
 * this thread some 40 ms, fill a sixteenth of the cache, and need several times as much memory while they are made.
 */
const LONG_FROM_IMAGES = 20_000;
/** Some 100 KB of text, made in a millisecond or two: no other request waits longer than that. */
const CHUNK_IMAGES = 500;

/** Creates the reader of long lists: those of `longFrom` images or more. */
export function createLongLists(snapshots: ImageSnapshots, longFrom = LONG_FROM_IMAGES): LongLists {
  return {
    above: longFrom - 1,

    async open({ user, links, form }, ignored, query, about) {
      const snapshot = await snapshots.open(user, query);
      // The space left the configuration in these milliseconds; the next request gets an empty list.
      if (snapshot === null) throw new OvadexError('unavailable', `the space of "${user}" was just removed`);
      const { etag, modified, syncedOn, end } = about(snapshot.space);
      const asked = { links: links(), user, form, ignored, withShort: query.withShort === true };
      return {
        etag,
        modified,
        syncedOn,
        text: (seconds) => listText(snapshot, asked, () => (form.hasEnd ? end(seconds()) : '')),
      };
    },
  };
}

interface StreamedList {
  readonly links: Links;
  readonly user: string;
  readonly form: ListForm;
  readonly ignored: readonly string[];
  readonly withShort: boolean;
}

/** Produces the text of a list in pieces; other requests get their turn in between. */
async function* listText(
  snapshot: ImageSnapshot,
  { links, user, form, ignored, withShort }: StreamedList,
  end: () => string,
): AsyncGenerator<string, void> {
  let count = 0;
  try {
    let before = form.head(links, columnsFor({ withShort }, IMAGE_COLUMNS));
    for (;;) {
      const images = await snapshot.next(CHUNK_IMAGES);
      if (images.length === 0) break;
      const items = images.map((image) => {
        const json = imageToJson(image);
        return form.item(withShort ? withOvf(json, image) : json);
      });
      yield before + items.join(form.separator);
      before = form.separator;
      count += images.length;
      await nextTurn();
    }
    yield `${count === 0 ? before : ''}${form.tail(user, count, pagesOf(links, count, undefined), ignored)}${end()}`;
  } finally {
    snapshot.close();
  }
}
