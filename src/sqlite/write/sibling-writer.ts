import type { Database } from 'better-sqlite3';
import { countImages, type ImageCounts } from '../../domain/description/image-counts.js';
import { judgeState } from '../../domain/description/image-state.js';
import type { Reading } from '../../domain/description/reading.js';
import type { Sibling } from '../../domain/model/listing.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import { siblingsToText } from '../../sql/siblings.js';

type JudgedRow = readonly [id: number, name: string, isSettled: 0 | 1, state: number];

/** What becomes of the files beside images. */
export interface SiblingWriter {
  /**
   * Returns the text to keep with a collection whose files are these, null if they aren't known; undefined if that is
   * what it already has.
   */
  newSiblings(
    row: { readonly id: number; readonly hasSiblings: 0 | 1 },
    siblings: readonly Sibling[] | null,
  ): string | null | undefined;
  /**
   * Judges the images of a collection anew, in the caller's transaction, since whether an .ovf deploys lies in the files
   * beside it; returns how many images readers see in another state, which `counts` counts, and whose last change is at
   * `place` then.
   */
  judgeBeside(
    collection: number,
    siblings: readonly Sibling[] | null,
    batch: { readonly counts: ImageCounts; readonly place: number },
  ): number;
}

export function createSiblingWriter(db: Database): SiblingWriter {
  const selectSiblings = db.prepare<[number], string | null>('SELECT siblings FROM collections WHERE id = ?').pluck();
  const selectJudged = db
    .prepare<[number], JudgedRow>(
      `SELECT images.id, images.name, images.is_settled, images.state
       FROM images JOIN descriptions ON descriptions.image = images.id
       WHERE images.collection = ? AND images.missing_since IS NULL AND images.state IS NOT NULL
         AND images.name LIKE '%.ovf'`,
    )
    .raw();
  // One by one: a folder may have thousands of descriptors, of megabytes each.
  const selectReading = db.prepare<[number], string>('SELECT reading FROM descriptions WHERE image = ?').pluck();
  const setState = db.prepare<[number, number, number]>(
    'UPDATE images SET state = ?, changed_in = iif(is_settled = 1, ?, changed_in) WHERE id = ?',
  );

  return {
    newSiblings({ id, hasSiblings }, siblings) {
      if (siblings === null && hasSiblings === 0) return undefined;
      const text = siblingsToText(siblings);
      return hasSiblings === 1 && text === selectSiblings.get(id) ? undefined : text;
    },
    judgeBeside(collection, siblings, { counts, place }) {
      let changed = 0;
      for (const [id, name, isSettled, before] of selectJudged.all(collection)) {
        const reading = JSON.parse(selectReading.get(id) as string) as Reading;
        const { state } = judgeState({ name, isSettled: true }, reading, siblings);
        const number = numberOfState(state);
        if (number === before) continue;
        setState.run(number, place, id);
        changed += isSettled;
        countImages(counts, stateFrom(isSettled, before), -1);
        countImages(counts, stateFrom(isSettled, number), 1);
      }
      return changed;
    },
  };
}
