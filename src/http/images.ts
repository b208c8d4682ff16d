import type { Image } from '../domain/image.js';
import type { Clock, ImageCatalogue } from '../domain/ports.js';
import { type Space, stateOf } from '../domain/space.js';
import { answer } from './answer.js';
import type { CallerHandle } from './context.js';
import { itemBody, listBody, timestamp } from './envelope.js';
import { linksOf } from './links.js';
import { readId } from './path-id.js';
import { refuse, refuseFaults } from './problem.js';
import { parseImageQuery, queryOf } from './query-string.js';

export interface ImageDeps {
  readonly catalogue: Pick<ImageCatalogue, 'images' | 'image'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly syncIntervalMs: () => number;
}

/** The images of the caller's own space. */
export function createImageHandlers(deps: ImageDeps): { readonly list: CallerHandle; readonly byId: CallerHandle } {
  const { catalogue, publicUrl } = deps;

  /** How far the list can be trusted; a user may have no space at all. */
  const indexMeta = (space: Space | null) =>
    space === null
      ? { state: 'none', synced_on: null }
      : {
          state: stateOf(space, deps.clock(), deps.syncIntervalMs()),
          synced_on: timestamp(space.lastSuccessAt),
        };

  return {
    async list(c, { user }) {
      const parsed = parseImageQuery(queryOf(c.req.url));
      if ('faults' in parsed) return refuseFaults(c, parsed.faults);
      const { space, images } = (await catalogue.images(user, parsed.query)) ?? { space: null, images: [] };
      const links = linksOf(c.req.url, publicUrl);
      return answer(c, 200, listBody(c, links, images.map(toItem), { index: indexMeta(space) }));
    },

    async byId(c, { user }) {
      const given = c.req.param('id') ?? '';
      const id = readId(given);
      const image = id === null ? null : await catalogue.image(user, id);
      if (image === null) return refuse(c, { status: 404, detail: `there is no image "${given}" in your space` });
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), toItem(image)));
    },
  };
}

function toItem({ name, path, id, sizeBytes, createdAt, updatedAt }: Image) {
  return {
    name,
    path,
    id,
    size: sizeBytes,
    created_on: timestamp(createdAt),
    updated_on: timestamp(updatedAt),
  };
}
