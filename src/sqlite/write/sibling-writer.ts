import type { Database } from 'better-sqlite3';
import { countImages, type ImageCounts } from '../../domain/description/image-counts.js';
import { judgeState } from '../../domain/description/image-state.js';
import type { Reading } from '../../domain/description/reading.js';
import type { Sibling } from '../../domain/model/listing.js';
import { numberOfState, stateFrom } from '../read/short-rows.js';
import { siblingsToText } from '../read/siblings.js';

type JudgedRow = readonly [id: number, name: string, isSettled: 0 | 1, state: number, reading: string];

/**
 * Keeps the files of a collection; `isKnown`: those of an earlier listing are kept with it. Returns how many images readers
 * see in another state, which `counts` counts, and whose last change is at `place` then.
 */
type NoteSiblings = (
  collection: number,
  siblings: readonly Sibling[] | null,
  isKnown: boolean,
  batch: { readonly counts: ImageCounts; readonly place: number },
) => number;

/**
 * Creates the function that keeps the files of a collection with it, null if they aren't known, and judges its images
 * anew if they are others than before: whether an .ovf deploys lies in the files beside it. Runs in the caller's
 * transaction.
 */
export function createSiblingWriter(db: Database): NoteSiblings {
  const selectSiblings = db.prepare<[number], string | null>('SELECT siblings FROM collections WHERE id = ?').pluck();
  const update = db.prepare<[string | null, number]>('UPDATE collections SET siblings = ? WHERE id = ?');
  const selectJudged = db
    .prepare<[number], JudgedRow>(
      `SELECT images.id, images.name, images.is_settled, images.state, reading
       FROM images JOIN descriptions ON descriptions.image = images.id
       WHERE images.collection = ? AND images.missing_since IS NULL AND images.state IS NOT NULL
         AND images.name LIKE '%.ovf'`,
    )
    .raw();
  const setState = db.prepare<[number, number, number]>(
    'UPDATE images SET state = ?, changed_in = iif(is_settled = 1, ?, changed_in) WHERE id = ?',
  );

  return (collection, siblings, isKnown, { counts, place }) => {
    const text = siblingsToText(siblings);
    if (isKnown && text === (selectSiblings.get(collection) ?? null)) return 0;
    update.run(text, collection);
    let changed = 0;
    for (const [id, name, isSettled, before, reading] of selectJudged.all(collection)) {
      const { state } = judgeState({ name, isSettled: true }, JSON.parse(reading) as Reading, siblings);
      const number = numberOfState(state);
      if (number === before) continue;
      setState.run(number, place, id);
      changed += isSettled;
      countImages(counts, stateFrom(isSettled, before), -1);
      countImages(counts, stateFrom(isSettled, number), 1);
    }
    return changed;
  };
}
