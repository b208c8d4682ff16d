import { crc32 } from 'node:zlib';
import { sayGone, writePoint } from '../../domain/lists/change-point.js';
import { type Space, stateEndsAt, stateOf } from '../../domain/model/space.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { ListChanges } from '../../domain/ports/image-changes.js';
import { toJson } from '../../domain/text/printable.js';
import { imageToJson, withOvf } from '../../wire/image.js';
import { deletedImageToJson } from '../../wire/image-changes.js';
import { parseChangesQuery } from '../lists/changes-query.js';
import { createValidators, isUnchanged, type Validators } from '../lists/validators.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';
import { ignoredHeader, wantsStrict } from '../reply/ignored.js';
import { type Links, linksJson, linksOf, nextChangesUrl } from '../reply/links.js';
import { SYNCED_HEADER } from '../reply/paging.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer, answerUnchanged, secondsSpent } from '../reply/reply.js';
import { type ImageDeps, stateOfNone } from './images.js';
import { headersOfWait, putAside, waitOf } from './waited.js';

export interface ChangesDeps extends Pick<ImageDeps, 'clock' | 'publicUrl' | 'inEffect' | 'run' | 'links' | 'waits'> {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'changes'>;
}

/** Creates the handler that tells what has changed in the list of the caller's own space since a point. */
export function createChangesHandler(deps: ChangesDeps): CallerHandle {
  const { catalogue, clock, publicUrl, inEffect, waits = null } = deps;
  const validatorsOf = createValidators(deps.run);
  const describe = (space: Space | null, url: string) =>
    validatorsOf(
      space,
      space === null ? stateOfNone(deps) : stateOf(space, clock(), inEffect.syncIntervalMs),
      `changes-${crc32(url).toString(36)}`,
    );
  /** When the passing of time will make its state another one. */
  const endOf = (space: Space | null) => {
    const { syncIntervalMs } = inEffect;
    if (space === null) return Number.POSITIVE_INFINITY;
    return stateEndsAt(space, stateOf(space, clock(), syncIntervalMs), syncIntervalMs);
  };

  return async (c, { user }) => {
    const { url } = c.req;
    const parsed = parseChangesQuery(queryOf(url), wantsStrict(c));
    if ('faults' in parsed) return refuseFaults(c, parsed.faults);
    const { query, ignored } = parsed;
    // Who asks again from the same point needs only to know whether the revision is the same.
    const ifNoneMatch = c.req.header('if-none-match');
    const look = async () => {
      if (ifNoneMatch !== undefined) {
        const space = await catalogue.space(user);
        const about = describe(space, url);
        const isSame = isUnchanged({ ifNoneMatch, ifModifiedSince: undefined }, about.etag, null, clock());
        if (isSame) return { space, about, told: null };
      }
      const told = await catalogue.changes(user, query);
      return 'gone' in told ? told : { space: told.space, about: describe(told.space, url), told };
    };

    const applied = headersOfWait(c);
    const found = await look();
    if (waits !== null && applied === null && waitOf(c) > 0 && !('gone' in found) && isNoNews(found.told)) {
      const aside = putAside(c, waits, user, found.space, endOf(found.space));
      if (aside !== null) return aside;
    }
    if ('gone' in found) {
      const detail = sayGone(query.since === null ? '' : writePoint(query.since), found.gone);
      return refuse(c, { status: 410, detail, errors: [{ parameter: 'since', detail }] });
    }
    const { about, told } = found;
    const headers = { ...headersOf(about), ...ignoredHeader(ignored), ...applied };
    if (told === null) return answerUnchanged(c, headers, null);
    const how = { ignored, withShort: query.withShort === true, about };
    return answer(c, 200, bodyOf(c, linksOf(url, publicUrl), told, how), headers);
  };
}

/** `null`: the client has the answer. */
function isNoNews(told: ListChanges | null): boolean {
  return told === null || (told.changed.length === 0 && told.removed.length === 0);
}

function headersOf({ etag, syncedOn }: Validators): Record<string, string> {
  return syncedOn === '' ? { ETag: etag } : { ETag: etag, [SYNCED_HEADER]: syncedOn };
}

function bodyOf(
  c: HttpContext,
  links: Links,
  { changed, removed, next, hasMore }: ListChanges,
  how: { readonly ignored: readonly string[]; readonly withShort: boolean; readonly about: Validators },
): string {
  const since = writePoint(next);
  const items = changed.map((image) => (how.withShort ? withOvf(imageToJson(image), image) : imageToJson(image)));
  const meta = {
    count: items.length,
    user: c.get('user'),
    ...(how.ignored.length === 0 ? {} : { ignored: how.ignored }),
    has_more: hasMore,
    next_since: since,
    next_url: nextChangesUrl(links, since),
  };
  const data = `"data":${toJson(items)},"deleted":${toJson(removed.map(deletedImageToJson))}`;
  const start = `{"_links":${linksJson(links)},${data},"meta":${toJson(meta).slice(0, -1)},"index":`;
  return start + how.about.end(secondsSpent(c));
}
