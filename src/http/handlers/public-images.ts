import { IMAGE_LIST, type ImageField, type SortKey } from '../../domain/lists/image-list.js';
import type { ListGrammar } from '../../domain/lists/list-grammar.js';
import type { Space } from '../../domain/model/space.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { FOUND_IMAGE_COLUMNS, foundImageToJson } from '../../wire/image.js';
import { withDetails } from '../../wire/image-details.js';
import { createListCache, type ListAnswer } from '../lists/cache.js';
import { parseNamedQuery } from '../lists/list-query.js';
import { createPublicCatalogue } from '../lists/public-catalogue.js';
import { chooseForm } from '../lists/render.js';
import { hasOtherRevision } from '../lists/validators.js';
import type { CallerHandle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { linksOf } from '../reply/links.js';
import { readId } from '../reply/path-id.js';
import { refuse } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer } from '../reply/reply.js';
import { type ImageDeps, type ImageHandlers, refusalOf, sendList } from './images.js';

export interface PublicImageDeps extends ImageDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'images' | 'image' | 'description' | 'search'>;
  /** Users whose spaces everybody sees; the same array until they change. */
  readonly publicUsers: () => readonly string[];
}

const ITEMS = { itemOf: foundImageToJson, columns: FOUND_IMAGE_COLUMNS };

/** The grammar for several spaces, in more than one of which the same path may be. */
const PUBLIC_LIST: ListGrammar<ImageField, SortKey> = { ...IMAGE_LIST, tieBreak: ['path', 'id'] };

/**
 * Creates the handlers for images of the public spaces, the same for every caller, each with its user; by id also the
 * caller's own.
 */
export function createPublicImageHandlers(deps: PublicImageDeps): ImageHandlers {
  const { catalogue, clock, publicUrl, publicUsers } = deps;
  const compose = (users: readonly string[]) => {
    const shared = createPublicCatalogue(users, deps);
    return {
      users,
      shared,
      // The images of all public spaces are read by the search, which refuses to sort too many.
      listAnswer: createListCache({
        ...deps,
        catalogue: shared,
        grammar: PUBLIC_LIST,
        ...ITEMS,
        longLists: null,
      }),
    };
  };
  let composed = compose(publicUsers());
  /** Discards what was kept when the public spaces change. */
  const current = () => {
    const users = publicUsers();
    if (users !== composed.users) composed = compose(users);
    return composed;
  };

  const list: CallerHandle = async (c, { user }) => {
    const { url } = c.req;
    const parse = () => parseNamedQuery(queryOf(url), PUBLIC_LIST);
    const form = chooseForm(c.req.header('accept'));
    const ifNoneMatch = c.req.header('if-none-match');
    const mayBeBehind = (space: Space | null) => hasOtherRevision(space, ifNoneMatch, deps.run);
    const asked = { user, url, stamp: c.get('stamp'), form, parse, links: () => linksOf(url, publicUrl), mayBeBehind };
    const found = await current().listAnswer(asked);
    return refusalOf(c, found) ?? sendList(c, found as ListAnswer, clock());
  };

  const byId: CallerHandle = async (c, { user }) => {
    const given = c.req.param('id') ?? '';
    const id = readId(given);
    const own = id === null ? null : await catalogue.image(user, id);
    const image = own ?? (id === null ? null : await current().shared.image(id));
    if (image === null) {
      return refuse(c, { status: 404, detail: `there is no image "${given}" in your space or a public one` });
    }
    const found = { user, ...image };
    const item = withDetails(foundImageToJson(found), await catalogue.description(found.user, found.id));
    return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item));
  };

  return { list, byId };
}
