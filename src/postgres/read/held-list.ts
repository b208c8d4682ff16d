import {
  HELD_LIST,
  type HeldImage,
  type HeldQuery,
  requireAnswerableHeld,
  requireFewHeld,
} from '../../domain/lists/held-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { PagePlace } from '../../domain/lists/page.js';
import { HELD_KEY_COLUMNS, heldSource } from '../../sql/held-list.js';
import type { Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { countList, readList } from '../lists/list-reader.js';

const HELD = {
  columns: `images.id, images.path, images.name, images.size_bytes AS "sizeBytes", images.absent_since AS "missedSince"`,
  from: 'images',
};

/** Lists the held images of a space. Rejects with OvadexError `usage` if that would take too long. */
export async function listHeld(
  session: Session,
  spaceId: number,
  query: HeldQuery,
): Promise<{ readonly images: readonly HeldImage[]; readonly place: PagePlace }> {
  const all = heldSource(POSTGRES, HELD, spaceId, { nameContains: [] });
  const source = heldSource(POSTGRES, HELD, spaceId, query);
  const held = await countList(session, all);
  if (requireAnswerableHeld(query, held)) requireFewHeld(await countList(session, source));
  const list = { source, order: orderOf(HELD_LIST, query.sort), columnOf: HELD_KEY_COLUMNS };
  const { rows, place } = await readList<HeldImage, keyof typeof HELD_KEY_COLUMNS>(session, list, query.page);
  return { images: rows, place };
}
