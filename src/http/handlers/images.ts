import { IMAGE_LIST } from '../../domain/lists/image-list.js';
import type { Space } from '../../domain/model/space.js';
import type { StaleServing } from '../../domain/policy/stale-serving.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue, ImageSnapshots } from '../../domain/ports/image-catalogue.js';
import { IMAGE_COLUMNS, imageToJson } from '../../wire/image.js';
import { withDetails } from '../../wire/image-details.js';
import { createListCache, type ListAnswer } from '../lists/cache.js';
import { NAMED_PARAMETERS, parseImageQuery } from '../lists/list-query.js';
import { sendStream } from '../lists/list-stream.js';
import { createLongLists } from '../lists/long-lists.js';
import { chooseForm } from '../lists/render.js';
import { datableFrom, isBehind, isDatable, isUnchanged, type NoSpace } from '../lists/validators.js';
import type { Waits } from '../lists/waits.js';
import { chooseCoding } from '../reply/coding.js';
import type { CallerHandle, HttpContext, SettingsInEffect } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { ignoredFaults, wantsStrict } from '../reply/ignored.js';
import { linksOf } from '../reply/links.js';
import { SYNCED_HEADER } from '../reply/paging.js';
import { readId } from '../reply/path-id.js';
import { type ParameterFault, refuse, refuseFaults } from '../reply/problem.js';
import { queryOf, readParameters } from '../reply/query-string.js';
import { answer, answerStart, answerUnchanged } from '../reply/reply.js';
import { replayOf } from '../server/replay.js';
import { headersOfWait, putAside, waitOf } from './waited.js';

/** Values of `expand` that mean no; any other means yes. */
const NOT = ['0', 'false'];

export interface ImageDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'images' | 'image' | 'description'>;
  readonly snapshots: ImageSnapshots | null;
  /** From how many images on a list is long; if left out, from 20,000. */
  readonly longFrom?: number | undefined;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly inEffect: SettingsInEffect;
  /** The run that ETags are of, and so the revisions in them: those of a client may come from another host. */
  readonly run: string;
  /** Not null if users may connect their storage. */
  readonly links?: object | null;
  /** null: nobody waits for changes. */
  readonly waits?: Waits | null;
  /** When lists are given that can't be compared with the index; null or left out: never. */
  readonly stale?: StaleServing | null;
}

export interface ImageHandlers {
  readonly list: CallerHandle;
  readonly byId: CallerHandle;
}

/** Creates the handlers for the images of the caller's own space. */
export function createImageHandlers(deps: ImageDeps): ImageHandlers {
  const { catalogue, clock, publicUrl, snapshots, longFrom, waits = null, stale = null } = deps;
  const longLists = snapshots === null ? null : createLongLists(snapshots, longFrom);
  const listAnswer = createListCache({
    ...deps,
    grammar: IMAGE_LIST,
    itemOf: imageToJson,
    columns: IMAGE_COLUMNS,
    longLists,
    stateOfNone: stateOfNone(deps),
  });

  /** Returns undefined if the index is away, and a list in memory may do. */
  const spaceIfAsked = async (user: string): Promise<Space | null | undefined> => {
    if (stale === null) return await catalogue.space(user);
    try {
      return await stale.briefly(() => catalogue.space(user));
    } catch (error) {
      if (!stale.mayServe(error, Number.POSITIVE_INFINITY)) throw error;
      return undefined;
    }
  };

  return {
    async list(c, { user }) {
      const { url } = c.req;
      const parse = () => parseImageQuery(queryOf(url));
      const form = chooseForm(c.req.header('accept'));
      const links = () => linksOf(url, publicUrl);
      const hasWaited = c.env?.resumed !== undefined;
      const mayWait = waits !== null && !hasWaited && c.req.header('prefer') !== undefined && waitOf(c) > 0;
      // Read before the list, whose stamp is newer, too: a commit in between is waited for, and found at once. A list that
      // is older than the space would be waited with although there is another one.
      const space = mayWait ? await spaceIfAsked(user) : null;
      const stamp = mayWait ? waits.stamp() : c.get('stamp');
      const ifNoneMatch = c.req.header('if-none-match');
      const isOlder = (known: Space | null) => isBehind(known, ifNoneMatch, deps.run);
      const list = await listAnswer({ user, url, stamp, form, parse, links, isBehind: isOlder });
      const refusal = refusalOf(c, list);
      if (refusal !== null) return refusal;
      const known = list as ListAnswer;
      if (!mayWait) return sendList(c, known, clock(), hasWaited ? headersOfWait(c) : null);
      const isSame = isUnchanged({ ifNoneMatch, ifModifiedSince: undefined }, known.etag, null, clock());
      // In between the index may have come back, or gone away.
      const isOfSpace = known.isUnasked === (space === undefined);
      const aside = isSame && isOfSpace ? putAside(c, waits, user, space ?? null, known.until, known.isUnasked) : null;
      return aside ?? sendList(c, known, clock(), {});
    },

    async byId(c, { user }) {
      const given = c.req.param('id') ?? '';
      const id = readId(given);
      const image = id === null ? null : await catalogue.image(user, id);
      if (image === null) return refuse(c, { status: 404, detail: `there is no image "${given}" in your space` });
      const item = withDetails(imageToJson(image), await catalogue.description(user, image.id));
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item));
    },
  };
}

/** Returns the state of lists without a space, by which clients can tell that their user may connect one. */
export function stateOfNone({ links = null }: Pick<ImageDeps, 'links'>): NoSpace {
  return links === null ? 'none' : 'unlinked';
}

/**
 * Returns the answer to a query that isn't understood, or not fully if the client is strict about that; otherwise null.
 */
export function refusalOf(c: HttpContext, list: ListAnswer | { readonly faults: readonly ParameterFault[] }) {
  if ('faults' in list) return refuseFaults(c, list.faults);
  const isRefused = list.ignored.length > 0 && wantsStrict(c);
  return isRefused ? refuseFaults(c, ignoredFaults(list.ignored, NAMED_PARAMETERS)) : null;
}

/**
 * Answers 304 if the client has the list, otherwise the list in the preferred coding. `ofWait` are headers for a client
 * that would rather wait: unless it has, the very same request isn't given the same answer again.
 */
export async function sendList(
  c: HttpContext,
  list: ListAnswer,
  now: number,
  ofWait: Readonly<Record<string, string>> | null = null,
): Promise<Response> {
  const { etag, changedAt, headers } = list;
  const validators: Record<string, string> = { ETag: etag };
  const isDated = isDatable(changedAt, now);
  if (isDated) validators['Last-Modified'] = list.modified;
  if (list.syncedOn !== '') validators[SYNCED_HEADER] = list.syncedOn;
  for (const name in headers) validators[name] = headers[name] as string;
  if (ofWait !== null) Object.assign(validators, ofWait);
  const ifNoneMatch = c.req.header('if-none-match');
  const ifModifiedSince = c.req.header('if-modified-since');
  const hasWaited = c.env?.resumed !== undefined;
  const replay = replayOf({
    method: c.req.method,
    hasId: (ofWait !== null && !hasWaited) || c.req.header('x-request-id') !== undefined,
    comparesDates: ifModifiedSince !== undefined,
    caller: c.get('callerReplay') ?? null,
    // Thousands are told of a change in the very second in which it was made.
    answer:
      isDated || !hasWaited
        ? { isKnown: list.isKnown, isDated, until: list.until }
        : { isKnown: list.isKnown, isDated: true, until: Math.min(list.until, datableFrom(changedAt)) },
  });
  if (isUnchanged({ ifNoneMatch, ifModifiedSince }, etag, changedAt, now))
    return answerUnchanged(c, validators, replay);

  if (list.open !== null) return sendStream(c, list.open, validators);
  const start = await list.start(chooseCoding(c.req.header('accept-encoding')));
  if (start.coding !== 'identity') validators['Content-Encoding'] = start.coding;
  return answerStart(c, start, list.end, validators, replay);
}

/**
 * Serves `/v2/image` of a personal catalogue. Existing clients join it with their own images of `/v2/user/image/vm` and
 * send `expand=1`; with it, the list is the public one. Clients that take both for the same never send it.
 */
export function splitByExpand(own: CallerHandle, shared: CallerHandle): CallerHandle {
  return (c, caller) => {
    const { url } = c.req;
    if (!/[?&](?:expand|[^=&]*%)/.test(url)) return own(c, caller);
    const { values, faults } = readParameters(queryOf(url), ['expand']);
    if (faults.length > 0) return refuseFaults(c, faults);
    const [expand] = values.expand;
    return expand === undefined || NOT.includes(expand.toLowerCase()) ? own(c, caller) : shared(c, caller);
  };
}

/** Finds by id an image of either list: an own one, or otherwise a public one. */
export function ownElseShared(own: CallerHandle, shared: CallerHandle): CallerHandle {
  return async (c, caller) => {
    const found = await own(c, caller);
    return found.status === 404 ? shared(c, caller) : found;
  };
}
