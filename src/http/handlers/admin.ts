import type { FilterTerm } from '../../domain/lists/filter.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { SPACE_LIST, spaceKeyOf } from '../../domain/lists/space-list.js';
import { SYNC_LIST, type SyncField } from '../../domain/lists/sync-list.js';
import type { ForgetUser } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { type Space, stateOf } from '../../domain/model/space.js';
import type { Sync } from '../../domain/model/sync.js';
import { lookOf } from '../../domain/policy/space-look.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Crawler } from '../../domain/ports/crawler.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { SyncHistory } from '../../domain/ports/sync-log.js';
import { forgottenToJson } from '../../wire/departed.js';
import { spaceToJson, withSpaceDetails } from '../../wire/space.js';
import { clientAdminSyncToJson, syncTicketToJson } from '../../wire/sync.js';
import { answerList } from '../lists/answer-list.js';
import { parseListQuery } from '../lists/list-query.js';
import type { CallerHandle, HttpContext, SettingsInEffect } from '../reply/context.js';
import { itemBody, listBody } from '../reply/envelope.js';
import { wantsStrict } from '../reply/ignored.js';
import { readJson } from '../reply/json-body.js';
import { linksOf, syncUrl } from '../reply/links.js';
import { positionOf } from '../reply/paging.js';
import { type Problem, refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer } from '../reply/reply.js';

export interface AdminDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space' | 'listSpaces' | 'spaceContext'>;
  readonly syncs: Pick<SyncHistory, 'page'>;
  readonly crawler: Pick<Crawler, 'requestSync' | 'acceptRemovals' | 'refuseRemovals' | 'resume'>;
  readonly forget: ForgetUser;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly inEffect: SettingsInEffect;
}

export interface AdminHandlers {
  readonly requestSync: CallerHandle;
  readonly spaces: CallerHandle;
  readonly space: CallerHandle;
  readonly accept: CallerHandle;
  readonly keep: CallerHandle;
  readonly resume: CallerHandle;
  readonly forget: CallerHandle;
}

const NO_HINT = { field: 'mode', operator: 'ne', value: 'hint' } as const;

/** Creates the handlers that show all spaces and act on them. */
export function createAdminHandlers(deps: AdminDeps): AdminHandlers {
  const { catalogue, crawler, publicUrl } = deps;

  const requestFor = (space: Space, mode: 'incremental' | 'full', requestedBy: string) =>
    crawler.requestSync({ spaceId: space.id, mode, trigger: 'request', requestedBy, targets: [] });

  /** Requests one sync after the other, so that the crawler can work in between. */
  const requestAll = async (mode: 'incremental' | 'full', requestedBy: string) => {
    const filed: Sync[] = [];
    for (const space of (await catalogue.listSpaces()).spaces) {
      try {
        filed.push(await requestFor(space, mode, requestedBy));
      } catch (error) {
        // Removed from the configuration meanwhile, or suspended: such spaces are skipped.
        const isLeftAlone = error instanceof OvadexError && (error.code === 'not-found' || error.code === 'conflict');
        if (!isLeftAlone) throw error;
      }
    }
    return filed;
  };

  /** Returns what writes these spaces as they stand now. */
  const createWriter = async (spaces: readonly Space[]) => {
    const { syncIntervalMs, isSearchAllowed } = deps.inEffect;
    const context = await catalogue.spaceContext(spaces);
    const now = deps.clock();
    return (space: Space) =>
      spaceToJson(space, stateOf(space, now, syncIntervalMs), lookOf(space, context, isSearchAllowed), now);
  };

  const showSpace = async (c: HttpContext, space: Space) => {
    const write = await createWriter([space]);
    return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), write(space)));
  };

  const newestSync = async (...filter: readonly FilterTerm<SyncField>[]) => {
    const page = { number: 1, size: 1, cursor: null };
    const [sync] = (await deps.syncs.page({ visibleTo: null, filter, sort: SYNC_LIST.byDefault, page })).syncs;
    return sync === undefined ? null : clientAdminSyncToJson(sync, deps.clock());
  };

  /** Adds what a space's syncs say to its condition. */
  const describeSpace = async (c: HttpContext, space: Space) => {
    const ofUser = { field: 'username', operator: 'eq', value: space.user } as const;
    const [write, last, running] = await Promise.all([
      createWriter([space]),
      // That of a hint tells of a few collections only.
      newestSync(ofUser, { field: 'status', operator: 'in', values: ['PROCESSED', 'ERROR'] }, NO_HINT),
      newestSync(ofUser, { field: 'status', operator: 'eq', value: 'IN_PROGRESS' }),
    ]);
    const item = withSpaceDetails(write(space), space, { last, running });
    return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item));
  };

  /** Changes the space that the path names, and shows its new state. */
  const changeSpace = async (c: HttpContext, change: (space: Space) => Promise<void>) => {
    const user = c.req.param('user') ?? '';
    const space = await catalogue.space(user);
    if (space === null) return refuse(c, noSpaceOf(user));
    await change(space);
    return showSpace(c, (await catalogue.space(user)) ?? space);
  };

  return {
    async requestSync(c, { user: requestedBy }) {
      const { syncRequestSchema } = await import('../openapi/definitions-syncs.js'); // see `operations.ts`
      const body = await readJson(c, syncRequestSchema);
      if ('problem' in body) return refuse(c, body.problem);
      const { user, mode } = body.value;
      c.set('actDetails', { ...(user === undefined ? { all: true } : { user }), mode });
      const links = linksOf(c.req.url, publicUrl);
      if (user === undefined) {
        const filed = await requestAll(mode, requestedBy);
        const tickets = filed.map((sync) => syncTicketToJson(sync, syncUrl(links, sync.id)));
        // The header holds a single address, that of the first; the body has all of them.
        const location = filed[0] && { Location: syncUrl(links, filed[0].id) };
        return answer(c, 202, listBody(c, links, tickets), location);
      }
      const space = await catalogue.space(user);
      if (space === null) return refuse(c, noSpaceOf(user));
      const sync = await requestFor(space, mode, requestedBy);
      const url = syncUrl(links, sync.id);
      return answer(c, 202, itemBody(c, links, syncTicketToJson(sync, url)), { Location: url });
    },

    async spaces(c) {
      const parsed = parseListQuery(queryOf(c.req.url), SPACE_LIST, wantsStrict(c));
      if ('faults' in parsed) return refuseFaults(c, parsed.faults);
      const { query, ignored } = parsed;
      const moment = { now: deps.clock(), intervalMs: deps.inEffect.syncIntervalMs };
      const { spaces, place } = await catalogue.listSpaces({ ...query, moment });
      const position = positionOf(query.page, place, spaces, orderOf(SPACE_LIST, query.sort), spaceKeyOf);
      return answerList(c, publicUrl, spaces.map(await createWriter(spaces)), position, ignored);
    },

    async space(c) {
      const user = c.req.param('user') ?? '';
      const space = await catalogue.space(user);
      return space === null ? refuse(c, noSpaceOf(user)) : describeSpace(c, space);
    },

    accept: (c) => changeSpace(c, ({ id }) => crawler.acceptRemovals(id)),
    keep: (c) => changeSpace(c, ({ id }) => crawler.refuseRemovals(id)),
    resume: (c) => changeSpace(c, ({ id }) => crawler.resume(id)),

    async forget(c) {
      const user = c.req.param('user') ?? '';
      const forgotten = await deps.forget(user);
      if (forgotten === null) return refuse(c, { status: 404, detail: `nothing is stored about "${user}"` });
      c.set('actDetails', { ...forgotten });
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), forgottenToJson({ user, ...forgotten })));
    },
  };
}

export function noSpaceOf(user: string): Problem {
  return { status: 404, detail: `there is no space of "${user}"` };
}
