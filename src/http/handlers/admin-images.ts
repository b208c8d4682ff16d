import { SEARCH_LIST, searchKeyOf } from '../../domain/lists/image-search.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { foundImageToJson, withOvf } from '../../wire/image.js';
import { answerList } from '../lists/answer-list.js';
import { parseNamedQuery } from '../lists/list-query.js';
import type { CallerHandle } from '../reply/context.js';
import { wantsStrict } from '../reply/ignored.js';
import { positionOf } from '../reply/paging.js';
import { refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';

export interface ImageSearchDeps {
  readonly catalogue: Pick<ImageCatalogue, 'search'>;
  readonly publicUrl: string | null;
}

/** Lists images of all spaces, each with its user. A query that leaves too many to examine is refused. */
export function createImageSearchHandler({ catalogue, publicUrl }: ImageSearchDeps): CallerHandle {
  return async (c) => {
    const parsed = parseNamedQuery(queryOf(c.req.url), SEARCH_LIST, wantsStrict(c));
    if ('faults' in parsed) return refuseFaults(c, parsed.faults);
    const { query, ignored } = parsed;
    try {
      const { images, place } = await catalogue.search(query);
      const position = positionOf(query.page, place, images, orderOf(SEARCH_LIST, query.sort), searchKeyOf);
      const items = images.map((image) => {
        const json = foundImageToJson(image);
        return query.withShort === true ? withOvf(json, image) : json;
      });
      return answerList(c, publicUrl, items, position, ignored);
    } catch (error) {
      if (!(error instanceof OvadexError && error.code === 'usage')) throw error;
      return refuseFaults(c, [{ parameter: 'name', detail: error.message }]);
    }
  };
}
