import { countImages } from '../../domain/description/image-counts.js';
import { judgeState } from '../../domain/description/image-state.js';
import type { Reading } from '../../domain/description/reading.js';
import type { Sibling } from '../../domain/model/listing.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import { siblingsToText } from '../../sql/siblings.js';
import type { Batch } from './batch.js';

/** A collection that was listed, and the files beside its images; null if they aren't known. */
export interface Beside {
  readonly id: number;
  readonly hasSiblings: boolean;
  readonly siblings: readonly Sibling[] | null;
}

interface JudgedRow {
  readonly id: number;
  readonly name: string;
  readonly collection: number;
  readonly isSettled: boolean;
  readonly state: number;
  readonly reading: Reading;
}

/** Returns the texts to keep with collections whose files have changed, by their ids; null for those that aren't known. */
export async function newSiblings(
  { session }: Batch,
  listed: readonly Beside[],
): Promise<ReadonlyMap<number, string | null>> {
  const texts = new Map<number, string | null>();
  for (const { id, hasSiblings, siblings } of listed) {
    if (siblings !== null || hasSiblings) texts.set(id, siblingsToText(siblings));
  }
  if (texts.size === 0) return texts;
  const same = await session.rows<{ id: number }>(
    `SELECT id FROM collections JOIN unnest($1::bigint[], $2::text[]) AS listed (id, siblings) USING (id)
     WHERE collections.siblings::text = listed.siblings`,
    [[...texts.keys()], [...texts.values()]],
  );
  for (const { id } of same) texts.delete(id);
  return texts;
}

/** Judges the images of collections anew, since whether an .ovf deploys lies in the files beside it. */
export async function judgeBeside(batch: Batch, listed: readonly Beside[]): Promise<void> {
  if (listed.length === 0) return;
  const { session, counts, place } = batch;
  const besideOf = new Map(listed.map(({ id, siblings }) => [id, siblings]));
  const judged = await session.rows<JudgedRow>(
    `SELECT images.id, images.name, images.collection, images.is_settled AS "isSettled", images.state, reading
     FROM images JOIN descriptions ON descriptions.image = images.id
     WHERE images.collection = ANY($1::bigint[]) AND images.missing_since IS NULL AND images.state IS NOT NULL
       AND images.name ILIKE '%.ovf'`,
    [[...besideOf.keys()]],
  );
  const changed = judged.flatMap(({ id, name, collection, isSettled, state: before, reading }) => {
    const siblings = besideOf.get(collection) ?? null;
    const state = numberOfState(judgeState({ name, isSettled: true }, reading, siblings).state);
    return state === before ? [] : { id, isSettled, before, state };
  });
  if (changed.length === 0) return;
  await session.run(
    `UPDATE images SET state = judged.state, changed_in = CASE WHEN is_settled THEN $3 ELSE changed_in END
     FROM unnest($1::bigint[], $2::smallint[]) AS judged (id, state) WHERE images.id = judged.id`,
    [changed.map(({ id }) => id), changed.map(({ state }) => state), place],
  );
  for (const { isSettled, before, state } of changed) {
    batch.restated += isSettled ? 1 : 0;
    countImages(counts, stateFrom(isSettled, before), -1);
    countImages(counts, stateFrom(isSettled, state), 1);
  }
}
