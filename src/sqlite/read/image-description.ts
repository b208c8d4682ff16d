import type { Database, Transaction } from 'better-sqlite3';
import { judgeState } from '../../domain/description/image-state.js';
import type { Reading } from '../../domain/description/reading.js';
import type { Description } from '../../domain/ports/description-store.js';
import { siblingsFromText } from '../../sql/siblings.js';

type DescriptionRow = readonly [
  name: string,
  isSettled: 0 | 1,
  siblings: string | null,
  reading: string | null,
  requests: number | null,
  bytes: number | null,
  readAt: number | null,
];

/** Creates the transaction behind `ImageCatalogue.description`. */
export function createReadDescription(db: Database): Transaction<(user: string, id: number) => Description | null> {
  const select = db
    .prepare<[number, string], DescriptionRow>(
      `SELECT images.name, images.is_settled, collections.siblings, reading, requests, bytes, read_at
       FROM images JOIN spaces ON spaces.id = images.space LEFT JOIN collections ON collections.id = images.collection
         LEFT JOIN descriptions ON descriptions.image = images.id
       WHERE images.id = ? AND images.missing_since IS NULL AND spaces.user = ? AND spaces.is_configured = 1`,
    )
    .raw();
  return db.transaction((user: string, id: number) => {
    const row = select.get(id, user);
    if (row === undefined) return null;
    const [name, isSettled, siblings, text, requests, bytes, readAt] = row;
    const reading = text === null ? null : (JSON.parse(text) as Reading);
    const image = { name, isSettled: isSettled === 1 };
    return {
      ...judgeState(image, reading, siblingsFromText(siblings)),
      reading,
      cost: requests === null || bytes === null ? null : { requests, bytes },
      readAt,
    };
  });
}
