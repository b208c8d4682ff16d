import { createHash } from 'node:crypto';
import type { ImageQuery } from '../../domain/lists/image-list.js';
import type { FoundImage } from '../../domain/lists/image-search.js';
import { type Space, stateOf } from '../../domain/model/space.js';
import type { ImageCatalogue } from '../../domain/ports.js';
import type { SettingsInEffect } from '../reply/context.js';

/** The spaces of several users as if they were one, whoever asks. */
export interface PublicCatalogue {
  /** null where none of them is there. */
  space(): Promise<Space | null>;
  images(user: string, query: ImageQuery): Promise<PublicImages | null>;
  image(id: number): Promise<FoundImage | null>;
}

type PublicImages = Awaited<ReturnType<ImageCatalogue['search']>> & { readonly space: Space };

/** Of these users, each without a space left out. Rejects with OvadexError `usage` where their images are too many to sort. */
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

/** How much a state says against a list, the gravest first; as `stateOf` weighs the troubles of one space. */
const GRAVEST_FIRST = ['suspended', 'held', 'failing', 'pending', 'stale', 'fresh'] as const;

/**
 * As one space: with the state of the gravest, known to be whole since the oldest of these times, and
 * with a revision that is another one whenever any of theirs is.
 */
function merge(spaces: readonly Space[], state: (space: Space) => (typeof GRAVEST_FIRST)[number]): Space | null {
  const gravest = spaces.toSorted((a, b) => GRAVEST_FIRST.indexOf(state(a)) - GRAVEST_FIRST.indexOf(state(b)))[0];
  if (gravest === undefined) return null;
  const wholeAt = spaces.map(({ lastSuccessAt }) => lastSuccessAt);
  const changedAt = spaces.map((space) => space.changedAt ?? space.addedAt);
  return {
    ...gravest,
    id: 0, // no space has it
    revision: digest(spaces.map(({ id, revision }) => `${id}:${revision}`).join(' ')),
    images: spaces.reduce((sum, { images }) => sum + images, 0),
    lastSuccessAt: wholeAt.includes(null) ? null : Math.min(...wholeAt.map(Number)),
    changedAt: Math.max(...changedAt),
  };
}

/** 48 bits: a whole number, and no two of them meet by chance. */
function digest(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}
