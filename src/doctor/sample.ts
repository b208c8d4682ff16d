import { adviceOnRoot } from '../domain/diagnosis/advice-on-root.js';
import { type Finding, ok } from '../domain/diagnosis/finding.js';
import type { Listing } from '../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../domain/model/path.js';
import type { Space } from '../domain/model/space.js';
import type { KnownContent } from '../domain/ports/image-index.js';
import type { RemoteStore } from '../domain/ports/remote-store.js';
import type { KnownCollection } from '../domain/reconcile/known-collection.js';
import { readKnownPages } from '../domain/reconcile/known-images.js';

import { counted } from '../domain/text/counted.js';

/** Collections of a space that are listed in addition to its root. */
const SAMPLED = 2;

/** Lists a little of a space and compares it with the index; `root` is its root's listing. */
export async function sample(
  store: RemoteStore,
  { user, space, index, root }: { user: string; space: Space | null; index: KnownContent; root: Listing },
  signal: AbortSignal,
): Promise<Finding[]> {
  if (space === null || space.lastSyncAt === null) {
    if (space?.trouble != null) return []; // the trouble already says why
    const action = `wait for the first sync, or: ovadex sync --user ${user}`;
    return [{ area: 'sample', subject: user, severity: 'note', message: 'not fully synced yet', action }];
  }
  const examine = async (known: KnownCollection, listing: Listing) =>
    compare(user, space, known, await shownPaths(index, space.id, known.path), listing);
  const before = await index.known(space.id, ROOT);
  const findings = [await examine(before, root)];
  for (const collection of pick(
    before.children.map(({ path }) => path),
    SAMPLED,
  )) {
    const listing = await store.list(collection, signal);
    findings.push(await examine(await index.known(space.id, collection), listing));
  }
  return findings;
}

/** Picks the first, the last, and evenly spaced items between them. */
export function pick<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * (items.length - 1)) / (count - 1))] as Item);
}

async function shownPaths(index: KnownContent, spaceId: number, collection: ResourcePath): Promise<Set<string>> {
  const shown = new Set<string>();
  await readKnownPages(
    (after) => index.knownImages(spaceId, collection, after),
    (images) => {
      for (const { path, isMissing } of images) if (!isMissing) shown.add(path);
    },
  );
  return shown;
}

/** Compares a collection in the index, and the paths of its images, with its current listing. */
export function compare(
  user: string,
  space: Space,
  known: Pick<KnownCollection, 'marker'>,
  indexed: ReadonlySet<string>,
  listing: Listing,
): Finding {
  const subject = `${user}: /${listing.collection}`;
  const { verdict } = listing;
  if (!verdict.complete) {
    const action = adviceOnRoot(verdict.failure, 'space');
    return { area: 'sample', subject, severity: 'warning', message: verdict.detail, action };
  }
  const there = new Set<string>(listing.images.map(({ path }) => path));
  const lacking = [...there].filter((path) => !indexed.has(path)).length;
  const stale = [...indexed].filter((path) => !there.has(path)).length;
  if (lacking + stale === 0) return ok('sample', subject, `${counted(there.size, 'image')}, as in the index`);

  const since = `since ${new Date(space.lastSyncAt ?? 0).toISOString()}, when the last sync ended`;
  const counts = `${counted(lacking, 'image')} new and ${stale} gone`;
  if (space.heldRemovals !== null) {
    const action = `ovadex held --user ${user} lists them, and says what to do`;
    const message = `${counts}; the removal of ${space.heldRemovals} in this space is held back`;
    return { area: 'sample', subject, severity: 'warning', message, action };
  }
  const hasMoved = known.marker === null || listing.marker === null || known.marker !== listing.marker;
  if (hasMoved) {
    const action = `nothing; the next sync picks them up, or right now: ovadex sync --user ${user}`;
    return { area: 'sample', subject, severity: 'note', message: `${counts} ${since}`, action };
  }
  const message = `${counts} ${since}, although its ETag or date has not changed`;
  const action = `ovadex sync --user ${user} --full; if it happens again, the storage's change markers prove nothing, which ovadex learns by itself`;
  return { area: 'sample', subject, severity: 'warning', message, action };
}
