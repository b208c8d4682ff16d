import { IMAGE_LIST } from '../../domain/lists/image-list.js';
import type { Clock, ImageCatalogue, ImageSnapshots } from '../../domain/ports.js';
import { IMAGE_COLUMNS, imageToJson } from '../../wire/image.js';
import { createListAnswers, type ListAnswer } from '../lists/list-answers.js';
import { chooseForm } from '../lists/list-form.js';
import { NAMED_PARAMETERS, parseImageQuery } from '../lists/list-query.js';
import { sendStream } from '../lists/list-stream.js';
import { createLongLists } from '../lists/long-lists.js';
import { chooseCoding } from '../reply/coding.js';
import { isDatable, isUnchanged } from '../reply/conditional.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { ignoredFaults, wantsStrict } from '../reply/ignored.js';
import { linksOf } from '../reply/links.js';
import { SYNCED_HEADER } from '../reply/paging.js';
import { readId } from '../reply/path-id.js';
import { type ParameterFault, refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer, answerStart, answerUnchanged } from '../reply/reply.js';

export interface ImageDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'images' | 'image'>;
  readonly snapshots: ImageSnapshots | null;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly syncIntervalMs: () => number;
}

export interface ImageHandlers {
  readonly list: CallerHandle;
  readonly byId: CallerHandle;
}

/** The images of the caller's own space. */
export function createImageHandlers(deps: ImageDeps): ImageHandlers {
  const { catalogue, clock, publicUrl, snapshots } = deps;
  const openList = snapshots === null ? null : createLongLists(snapshots);
  const listAnswer = createListAnswers({
    ...deps,
    grammar: IMAGE_LIST,
    itemOf: imageToJson,
    columns: IMAGE_COLUMNS,
    openList,
  });

  return {
    async list(c, { user }) {
      const { url } = c.req;
      const parse = () => parseImageQuery(queryOf(url));
      const stamp = c.get('stamp');
      const form = chooseForm(c.req.header('accept'));
      const list = await listAnswer({ user, url, stamp, form, parse, links: () => linksOf(url, publicUrl) });
      return refusalOf(c, list) ?? sendList(c, list as ListAnswer, clock(), true);
    },

    async byId(c, { user }) {
      const given = c.req.param('id') ?? '';
      const id = readId(given);
      const image = id === null ? null : await catalogue.image(user, id);
      if (image === null) return refuse(c, { status: 404, detail: `there is no image "${given}" in your space` });
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), imageToJson(image)));
    },
  };
}

/** The answer to a question that isn't understood, or not all of it where that is to be a fault; else null. */
export function refusalOf(c: HttpContext, list: ListAnswer | { readonly faults: readonly ParameterFault[] }) {
  if ('faults' in list) return refuseFaults(c, list.faults);
  const isRefused = list.ignored.length > 0 && wantsStrict(c);
  return isRefused ? refuseFaults(c, ignoredFaults(list.ignored, NAMED_PARAMETERS)) : null;
}

/**
 * 304 where the client has it, else the list in the coding that it likes best. `isRepeatable`: nothing but the caller,
 * the index and the time decides about it.
 */
export async function sendList(c: HttpContext, list: ListAnswer, now: number, isRepeatable = false): Promise<Response> {
  const { etag, changedAt, headers } = list;
  const validators: Record<string, string> = { ETag: etag };
  const isDated = isDatable(changedAt, now);
  if (isDated) validators['Last-Modified'] = list.modified;
  if (list.syncedOn !== '') validators[SYNCED_HEADER] = list.syncedOn;
  for (const name in headers) validators[name] = headers[name] as string;
  const ifNoneMatch = c.req.header('if-none-match');
  const ifModifiedSince = c.req.header('if-modified-since');
  // Dates are compared with the present.
  const isLasting = isRepeatable && isDated && ifModifiedSince === undefined;
  const holds = isLasting ? repeatsWhile(c, list) : null;
  if (isUnchanged({ ifNoneMatch, ifModifiedSince }, etag, changedAt, now)) return answerUnchanged(c, validators, holds);

  if (list.open !== null) return sendStream(c, list.open, validators);
  const start = await list.start(chooseCoding(c.req.header('accept-encoding')));
  if (start.coding !== 'identity') validators['Content-Encoding'] = start.coding;
  return answerStart(c, start, list.end, validators, holds);
}

function repeatsWhile(c: HttpContext, { holds }: ListAnswer): (() => boolean) | null {
  const callerHolds = c.get('callerHolds');
  return holds === null || callerHolds === undefined ? null : () => callerHolds() && holds();
}
