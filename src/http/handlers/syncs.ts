import { orderOf } from '../../domain/lists/list-grammar.js';
import { SYNC_LIST, syncKeyOf } from '../../domain/lists/sync-list.js';
import type { Sync } from '../../domain/model/sync.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Crawler } from '../../domain/ports/crawler.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { SyncHistory } from '../../domain/ports/sync-log.js';
import { clientAdminSyncToJson, clientSyncToJson, syncTicketToJson } from '../../wire/sync.js';
import { answerList, refuseTooMany } from '../lists/answer-list.js';
import { parseListQuery } from '../lists/list-query.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { wantsStrict } from '../reply/ignored.js';
import { linksOf, syncUrl } from '../reply/links.js';
import { positionOf } from '../reply/paging.js';
import { readId } from '../reply/path-id.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer } from '../reply/reply.js';
import { noSpaceOf } from './admin.js';

export interface SyncDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly syncs: Pick<SyncHistory, 'find' | 'page'>;
  readonly crawler: Pick<Crawler, 'requestSync' | 'cancel'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
}

/** Creates the handlers with which users request syncs and follow them. */
export function createSyncHandlers({ catalogue, syncs, crawler, clock, publicUrl }: SyncDeps): {
  readonly requestOwn: CallerHandle;
  readonly byId: CallerHandle;
  /** Lists the syncs of the caller's space, and those that the caller requested. */
  readonly own: CallerHandle;
  readonly all: CallerHandle;
  readonly cancel: CallerHandle;
} {
  const answerSyncs = async (c: HttpContext, visibleTo: string | null, toJson: (sync: Sync, now: number) => object) => {
    const parsed = parseListQuery(queryOf(c.req.url), SYNC_LIST, wantsStrict(c));
    if ('faults' in parsed) return refuseFaults(c, parsed.faults);
    const { query, ignored } = parsed;
    try {
      const { syncs: found, place } = await syncs.page({ ...query, visibleTo });
      const position = positionOf(query.page, place, found, orderOf(SYNC_LIST, query.sort), syncKeyOf);
      const now = clock();
      const items = found.map((sync) => toJson(sync, now));
      return answerList(c, publicUrl, items, position, ignored);
    } catch (error) {
      return refuseTooMany(c, query.page, error);
    }
  };

  return {
    own: (c, { user }) => answerSyncs(c, user, clientSyncToJson),
    all: (c) => answerSyncs(c, null, clientAdminSyncToJson),

    async cancel(c) {
      const given = c.req.param('id') ?? '';
      const id = readId(given);
      const sync = id === null ? null : await syncs.find(id);
      if (sync === null) return refuse(c, { status: 404, detail: `there is no request "${given}"` });
      const isCancelled = await crawler.cancel(sync.id);
      const after = (await syncs.find(sync.id)) ?? sync;
      if (!isCancelled) {
        return refuse(c, { status: 409, detail: `request ${sync.id} has already ended: ${after.status}` });
      }
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), clientSyncToJson(after, clock())));
    },

    async requestOwn(c, { user }) {
      const space = await catalogue.space(user);
      if (space === null) return refuse(c, noSpaceOf(user));
      const sync = await crawler.requestSync({
        spaceId: space.id,
        mode: 'incremental',
        trigger: 'request',
        requestedBy: user,
        targets: [],
      });
      const links = linksOf(c.req.url, publicUrl);
      const url = syncUrl(links, sync.id);
      return answer(c, 202, itemBody(c, links, syncTicketToJson(sync, url)), { Location: url });
    },

    async byId(c, caller) {
      const given = c.req.param('id') ?? '';
      const id = readId(given);
      const sync = id === null ? null : await syncs.find(id);
      const isVisible = (found: Sync) =>
        found.user === caller.user || found.requestedBy === caller.user || caller.scopes.includes('admin');
      if (sync === null || !isVisible(sync)) {
        return refuse(c, { status: 404, detail: `there is no request "${given}" of yours` });
      }
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), clientSyncToJson(sync, clock())));
    },
  };
}
