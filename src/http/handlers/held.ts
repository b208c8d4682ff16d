import { HELD_LIST, heldKeyOf } from '../../domain/lists/held-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { heldImageToJson } from '../../wire/image.js';
import { heldRemovalToJson } from '../../wire/space.js';
import { answerList, refuseTooMany } from '../lists/answer-list.js';
import { parseNamedQuery } from '../lists/list-query.js';
import type { CallerHandle } from '../reply/context.js';
import { wantsStrict } from '../reply/ignored.js';
import { positionOf } from '../reply/paging.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { noSpaceOf } from './admin.js';

export interface HeldDeps {
  readonly catalogue: Pick<ImageCatalogue, 'held'>;
  readonly publicUrl: string | null;
}

/** Lists the images that a held removal would take from the space that the path names, and why it is held. */
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
      const items = images.map((image) => heldImageToJson(image));
      return answerList(c, publicUrl, items, position, ignored, { held: heldRemovalToJson(space) });
    } catch (error) {
      return refuseTooMany(c, query.page, error);
    }
  };
}
