import { OvadexError } from '../domain/errors.js';
import { HELD_LIST, type HeldImage, heldKeyOf } from '../domain/held.js';
import { orderOf } from '../domain/list-query.js';
import type { ImageCatalogue } from '../domain/ports.js';
import { noSpaceOf } from './admin.js';
import { answerList } from './answer-list.js';
import type { CallerHandle } from './context.js';
import { timestamp } from './envelope.js';
import { wantsStrict } from './ignored.js';
import { parseNamedQuery } from './list-query.js';
import { positionOf } from './paging.js';
import { refuse, refuseFaults } from './problem.js';
import { queryOf } from './query-string.js';

export interface HeldDeps {
  readonly catalogue: Pick<ImageCatalogue, 'held'>;
  readonly publicUrl: string | null;
}

/** What a held removal would take away from the space that the path names, and why it is held. */
export function createHeldHandler({ catalogue, publicUrl }: HeldDeps): CallerHandle {
  return async (c) => {
    const user = c.req.param('user') ?? '';
    const parsed = parseNamedQuery(queryOf(c.req.url), HELD_LIST, wantsStrict(c));
    if ('faults' in parsed) return refuseFaults(c, parsed.faults);
    const { query, ignored } = parsed;
    try {
      const found = await catalogue.held(user, query);
      if (found === null) return refuse(c, noSpaceOf(user));
      const { space, images, place } = found;
      const position = positionOf(query.page, place, images, orderOf(HELD_LIST, query.sort), heldKeyOf);
      const held = { removals: space.heldRemovals ?? 0, refused: space.isRemovalRefused, reasons: space.heldReasons };
      return answerList(c, publicUrl, images.map(toItem), position, ignored, { held });
    } catch (error) {
      if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
      const parameter = query.page === undefined ? 'per_page' : 'sort';
      return refuseFaults(c, [{ parameter, detail: `${parameter}: ${error.message}` }]);
    }
  };
}

function toItem({ path, name, id, sizeBytes, missedSince }: HeldImage) {
  return { path, name, id, size: sizeBytes, missed_since: timestamp(missedSince) };
}
