import { parentOf, type ResourcePath, ROOT, withAncestors } from '../../domain/model/path.js';
import type { Session } from '../connection/database.js';

/** Notes that everything below these collections, as their markers stand, was listed and committed. */
export async function prove(session: Session, space: number, collections: readonly ResourcePath[]): Promise<void> {
  await session.run(
    `UPDATE collections SET is_proven = true
     WHERE space = $1 AND path = ANY($2::text[]) AND is_settled AND NOT is_proven`,
    [space, collections],
  );
}

/** Notes that a collection could not be listed. */
export async function distrust(session: Session, space: number, collection: ResourcePath): Promise<void> {
  await unsettle(session, space, [collection]);
  await session.run(
    'UPDATE collections SET is_proven = false WHERE space = $1 AND path = ANY($2::text[]) AND is_proven',
    [space, above(collection)],
  );
}

/** Notes that a collection is younger than the markers above it. */
export async function outdate(session: Session, space: number, collection: ResourcePath): Promise<void> {
  await forgetSearched(session, space);
  await unsettle(session, space, above(collection));
}

/** Has the next look at a space search again. */
export async function forgetSearched(session: Session, space: number): Promise<void> {
  await session.run('UPDATE spaces SET searched_marker = NULL WHERE id = $1 AND searched_marker IS NOT NULL', [space]);
}

async function unsettle(session: Session, space: number, collections: readonly ResourcePath[]): Promise<void> {
  await session.run(
    `UPDATE collections SET is_settled = false, is_proven = false
     WHERE space = $1 AND path = ANY($2::text[]) AND is_settled`,
    [space, collections],
  );
}

function above(collection: ResourcePath): readonly ResourcePath[] {
  return collection === ROOT ? [] : withAncestors(parentOf(collection));
}
