import type { Clock, ImageCatalogue } from '../domain/ports.js';
import { type Space, stateOf } from '../domain/space.js';
import { answer } from './answer.js';
import type { CallerHandle } from './context.js';
import { itemBody, preparedListBody, timestamp } from './envelope.js';
import { linksOf } from './links.js';
import { readId } from './path-id.js';
import { createPreparedLists, type PreparedList, toItem } from './prepared-lists.js';
import { refuse, refuseFaults } from './problem.js';
import { parseImageQuery, queryOf } from './query-string.js';

export interface ImageDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'images' | 'image'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly syncIntervalMs: () => number;
}

const EMPTY: PreparedList = { count: 0, text: '[]' };

/** The images of the caller's own space. */
export function createImageHandlers(deps: ImageDeps): { readonly list: CallerHandle; readonly byId: CallerHandle } {
  const { catalogue, publicUrl } = deps;
  const listOf = createPreparedLists(catalogue);

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
      const rawQuery = queryOf(c.req.url);
      const parsed = parseImageQuery(rawQuery);
      if ('faults' in parsed) return refuseFaults(c, parsed.faults);
      const { space, list } = (await listOf(user, parsed.query, rawQuery)) ?? { space: null, list: EMPTY };
      const links = linksOf(c.req.url, publicUrl);
      return answer(c, 200, preparedListBody(c, links, list, { index: indexMeta(space) }));
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
