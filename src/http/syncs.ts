import type { Clock, Crawler, ImageCatalogue, SyncLog } from '../domain/ports.js';
import { paceOf, type Sync } from '../domain/sync.js';
import { answer } from './answer.js';
import type { CallerHandle } from './context.js';
import { itemBody, timestamp } from './envelope.js';
import { type Links, linksOf, syncUrl } from './links.js';
import { readId } from './path-id.js';
import { refuse } from './problem.js';

export interface SyncDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly syncs: Pick<SyncLog, 'find'>;
  readonly crawler: Pick<Crawler, 'requestSync'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
}

/** Syncs as a user sees them: asking for one, and following it. */
export function createSyncHandlers({ catalogue, syncs, crawler, clock, publicUrl }: SyncDeps): {
  readonly requestOwn: CallerHandle;
  readonly byId: CallerHandle;
} {
  return {
    async requestOwn(c, { user }) {
      const space = await catalogue.space(user);
      if (space === null) return refuse(c, { status: 404, detail: `there is no space of "${user}"` });
      const sync = await crawler.requestSync({
        spaceId: space.id,
        mode: 'incremental',
        trigger: 'request',
        requestedBy: user,
        targets: [],
      });
      const links = linksOf(c.req.url, publicUrl);
      const location = { Location: syncUrl(links, sync.id) };
      return answer(c, 202, itemBody(c, links, syncTicket(sync, links)), location);
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
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), toItem(sync, clock())));
    },
  };
}

/** What a client gets that asked for a sync: where to follow it. */
export function syncTicket({ id, status, taskId, user, mode }: Sync, links: Links) {
  return {
    _links: { request: syncUrl(links, id) },
    status: 202,
    message: `the space of "${user}" will be synced (${mode})`,
    request: { id, status, task_id: taskId },
  };
}

function toItem(sync: Sync, now: number) {
  const { perSecond, secondsLeft } = paceOf(sync, sync.endedAt ?? now);
  return {
    id: sync.id,
    created_on: timestamp(sync.createdAt),
    updated_on: timestamp(sync.updatedAt),
    status: sync.status,
    type: 'VM',
    mode: sync.mode,
    started_on: timestamp(sync.startedAt),
    ended_on: timestamp(sync.endedAt),
    added: sync.counts.added,
    changed: sync.counts.altered,
    deleted: sync.counts.removed,
    images: sync.counts.images,
    collections: sync.counts.collections,
    failures: sync.counts.failures,
    requests: sync.counts.requests,
    waiting: sync.waiting,
    expected_collections: sync.expected,
    collections_per_second: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    seconds_left: sync.endedAt !== null || secondsLeft === null ? null : Math.ceil(secondsLeft),
    task_id: sync.taskId,
    username: sync.user,
    user: { username: sync.user },
    message: { errors: sync.errors, warnings: sync.warnings },
  };
}
