import { createHash } from 'node:crypto';
import type { ImageQuery } from '../../domain/lists/image-list.js';
import type { FoundImage } from '../../domain/lists/image-search.js';
import { type Space, stateOf } from '../../domain/model/space.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { SettingsInEffect } from '../reply/context.js';

/** The spaces of several users as if they were one, the same for every caller. */
export interface PublicCatalogue {
  /** Returns null if no user has a space. */
  space(): Promise<Space | null>;
  images(user: string, query: ImageQuery): Promise<PublicImages | null>;
  image(id: number): Promise<FoundImage | null>;
}

type PublicImages = Awaited<ReturnType<ImageCatalogue['search']>> & { readonly space: Space };

/**
 * Creates the catalogue of these users, skipping those without a space. Rejects with OvadexError `usage` if their
 * images are too many to sort.
 */
export function createPublicCatalogue(
  users: readonly string[],
  deps: {
    readonly catalogue: Pick<ImageCatalogue, 'space' | 'search' | 'image'>;
    readonly clock: () => number;
    readonly inEffect: SettingsInEffect;
  },
): PublicCatalogue {
  const { catalogue, clock, inEffect } = deps;
  const space = async () => {
    const found = await Promise.all(users.map((user) => catalogue.space(user)));
    const spaces = found.filter((each) => each !== null);
    return spaces.length === 0 ? null : merge(spaces, (each) => stateOf(each, clock(), inEffect.syncIntervalMs));
  };
  return {
    space,
    async images(_user, query) {
      // Read before the images: if these are newer, the next answer finds another revision and reads them again.
      const merged = await space();
      if (merged === null) return null;
      const ofUsers = { field: 'user', operator: 'in', values: users } as const;
      return { space: merged, ...(await catalogue.search({ ...query, filter: [...(query.filter ?? []), ofUsers] })) };
    },
    async image(id) {
      for (const user of users) {
        const image = await catalogue.image(user, id);
        if (image !== null) return { ...image, user };
      }
      return null;
    },
  };
}

/**
 * States by how much they say against a list, the gravest first, in the order in which `stateOf` weighs the troubles of
 * one space.
 */
const GRAVEST_FIRST = ['suspended', 'held', 'failing', 'pending', 'stale', 'fresh'] as const;

/**
 * Merges spaces into one: with the gravest state, known to be whole since the oldest of their times, and with a
 * revision that changes whenever one of theirs does.
 */
function merge(spaces: readonly Space[], state: (space: Space) => (typeof GRAVEST_FIRST)[number]): Space | null {
  const gravest = spaces.toSorted((a, b) => GRAVEST_FIRST.indexOf(state(a)) - GRAVEST_FIRST.indexOf(state(b)))[0];
  if (gravest === undefined) return null;
  const wholeAt = spaces.map(({ lastSuccessAt }) => lastSuccessAt);
  const changedAt = spaces.map((space) => space.changedAt ?? space.addedAt);
  return {
    ...gravest,
    id: 0, // no real space has this id
    revision: digest(spaces.map(({ id, revision }) => `${id}:${revision}`).join(' ')),
    images: spaces.reduce((sum, { images }) => sum + images, 0),
    lastSuccessAt: wholeAt.includes(null) ? null : Math.min(...wholeAt.map(Number)),
    changedAt: Math.max(...changedAt),
  };
}

/** Returns 48 bits of a hash: a safe integer, and collisions by chance are negligible. */
function digest(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}
