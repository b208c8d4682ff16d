import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Audit, ForgetUser } from '../domain/model/audit.js';
import type { StaleServing } from '../domain/policy/stale-serving.js';
import type { Administration } from '../domain/ports/administration.js';
import type { Clock } from '../domain/ports/clock.js';
import type { Crawler } from '../domain/ports/crawler.js';
import type { Changes, ImageCatalogue, ImageSnapshots } from '../domain/ports/image-catalogue.js';
import type { Links } from '../domain/ports/links.js';
import type { PathTraces } from '../domain/ports/path-traces.js';
import type { SyncLog } from '../domain/ports/sync-log.js';
import { type Assets, createAssets } from './assets/assets.js';
import { createAudited } from './gate/audited.js';
import { requireToken, type VerifyToken } from './gate/authenticate.js';
import { createClientAddress } from './gate/client-address.js';
import { createCors } from './gate/cors.js';
import { createRefusalAudit } from './gate/refusal-audit.js';
import { createRequestLimit, type RequestLimitSettings } from './gate/request-limit.js';
import { createObserver } from './gate/request-log.js';
import type { Traffic } from './gate/traffic.js';
import type { ProxyWatch } from './gate/unnamed-proxy.js';
import { createAdminHandlers } from './handlers/admin.js';
import { createImageSearchHandler } from './handlers/admin-images.js';
import { createAdministrationHandlers } from './handlers/administration.js';
import { createIndexHandlers } from './handlers/api-index.js';
import {
  type CheckHealth,
  createLivenessHandler,
  createMetricsHandler,
  createReadinessHandler,
  type MetricsPage,
} from './handlers/health.js';
import { createHeldHandler } from './handlers/held.js';
import { createHintHandler } from './handlers/hint.js';
import { createChangesHandler } from './handlers/image-changes.js';
import { createEventsHandler } from './handlers/image-events.js';
import { createImageHandlers, ownElseShared, splitByExpand } from './handlers/images.js';
import { createLinkHandlers } from './handlers/link.js';
import { createLogInHandler, type LogInDeps } from './handlers/log-in.js';
import { createPublicImageHandlers } from './handlers/public-images.js';
import { createStatusHandlers } from './handlers/status.js';
import { createSyncHandlers } from './handlers/syncs.js';
import { createUserHandler } from './handlers/user.js';
import { createUserTokenHandlers, type UserTokenDeps } from './handlers/user-tokens.js';
import { createWhyHandler } from './handlers/why.js';
import { newRun } from './lists/validators.js';
import type { Waits } from './lists/waits.js';
import { DOCS_ASSETS } from './openapi/docs-assets.js';
import { createDocumentHandlers } from './openapi/documents.js';
import { adviceOnPath, createResources, routedPath } from './openapi/route.js';
import type { Fetch, Handle, HttpContext, HttpEnv, SettingsInEffect } from './reply/context.js';
import { refuse } from './reply/problem.js';
import type { Replays } from './server/replay.js';

export interface HttpDeps extends LogInDeps {
  readonly catalogue: ImageCatalogue;
  readonly changes: Changes;
  /** null: every list is read on request. */
  readonly snapshots: ImageSnapshots | null;
  /** From how many images on a list is read and sent piece by piece; if left out, from 20,000. */
  readonly longFrom?: number | undefined;
  /** Lets clients wait for changes; null or left out: all are answered at once. */
  readonly waits?: Waits | null;
  /** When lists are given that can't be compared with the index; null or left out: never. */
  readonly stale?: StaleServing | null;
  readonly syncs: Pick<SyncLog, 'find' | 'page'>;
  readonly traces: PathTraces;
  /** Returns the owner of a token; null if it is not accepted. */
  readonly verify: VerifyToken;
  readonly tokens: UserTokenDeps['tokens'];
  readonly issueOwnToken: UserTokenDeps['issueOwnToken'];
  /** Sees every request with `X-Forwarded-For`. */
  readonly proxyWatch?: Pick<ProxyWatch, 'look'>;
  readonly crawler: Crawler;
  /** Lets users connect their own storage; if left out or null, nobody can. */
  readonly links?: Links | null;
  readonly clock: Clock;
  /** The run that ETags are of; if left out, one of this app, so that nobody else's are known. */
  readonly run?: string;
  readonly logger: Logger;
  /** Base URL of links, without a trailing slash; null: the host that the request named. */
  readonly publicUrl: string | null;
  readonly inEffect: SettingsInEffect;
  readonly version: string;
  /** Users whose spaces `/v2/image` lists for everybody; null: it lists the caller's own. */
  readonly publicUsers: (() => readonly string[]) | null;
  /** Users whose spaces `/v2/image` lists with `expand` if it lists the caller's own otherwise; none if left out. */
  readonly usersOfExpanded?: () => readonly string[];
  /** Origins whose pages may read answers; "*" is any. */
  readonly corsOrigins?: readonly string[];
  /** Limit of each user's requests; null: no limit. */
  readonly requestLimit: RequestLimitSettings | null;
  readonly forget: ForgetUser;
  readonly administration: Administration;
  /** Records acts of administrators. */
  readonly audit: Audit;
  /** Counts answers. */
  readonly traffic: Traffic;
  /** Keeps answers that may be given again; null: every request is handled. */
  readonly replays: Replays | null;
  readonly checkHealth: CheckHealth;
  /** Returns false in the last seconds of a process whose crawler has ended; if left out, every answer means alive. */
  readonly isAlive?: () => boolean;
  /**
   * Pages for people, which are clients of the API that they are given, and have their streams end at a stop; null or left
   * out: there are none.
   */
  readonly console?: ((api: Fetch, atStop: (end: () => void) => void) => Fetch) | null;
  /** What pages load; if left out, the parts of the page at `/docs`. */
  readonly assets?: Assets;
  /** null: metrics are served only by a listener of their own. */
  readonly metrics: MetricsPage | null;
}

const NOBODY: readonly string[] = [];

/** Creates the whole API as a function from requests to answers; it listens nowhere. */
export function createHttpApp(deps: HttpDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ getPath: routedPath });
  const cors = createCors(deps.corsOrigins ?? []);
  // Replayed answers are not logged.
  const replays = deps.logger.isLevelEnabled('debug') ? null : deps.replays;
  const observe = createObserver({ logger: deps.logger, replays, cors, proxyWatch: deps.proxyWatch });
  const { put: resource, all } = createResources(app, observe, deps.traffic, cors);
  const { catalogue, changes, verify, clock, links = null } = deps;
  const limit = deps.requestLimit === null ? null : createRequestLimit(deps.requestLimit, deps.clock);
  const authenticating = { verify, changes, limit };
  const asUser = requireToken(authenticating);
  const addressOf = createClientAddress(deps.trustedProxies);
  const auditRefusal = createRefusalAudit(deps.audit, { addressOf, clock });
  const asAdmin = requireToken(authenticating, 'admin', (c, status) =>
    auditRefusal(c, 'administration', `refused: ${status}`, c.get('user') ?? null),
  );
  /** Audits the user name only if it is known to be one. */
  const onLogInRefused = async (c: HttpContext, status: number, user: string) =>
    auditRefusal(c, 'log-in', `refused: ${status}`, (await catalogue.space(user)) === null ? null : user);
  const audited = createAudited(deps.audit, addressOf);
  const lists = { ...deps, run: deps.run ?? newRun() };
  const images = createImageHandlers(lists);
  const syncs = createSyncHandlers(deps);
  const admin = createAdminHandlers(deps);
  const { ping, status } = createStatusHandlers(deps);

  const changesOf = createChangesHandler(lists);
  const eventsOf = createEventsHandler(deps);
  const { publicUsers, usersOfExpanded = () => NOBODY } = deps;
  const shared = createPublicImageHandlers({ ...lists, publicUsers: publicUsers ?? usersOfExpanded });
  // Before the images by id, which would take its place.
  resource('/v2/image/why', { GET: ['imageWhy', asUser(createWhyHandler(deps))] });
  if (publicUsers === null) {
    resource('/v2/image', { GET: ['imageList', asUser(splitByExpand(images.list, shared.list))] });
    resource('/v2/image/changes', { GET: ['imageChanges', asUser(changesOf)] });
    resource('/v2/image/events', { GET: ['imageEvents', asUser(eventsOf)] });
    resource('/v2/image/{id}', { GET: ['imageById', asUser(ownElseShared(images.byId, shared.byId))] });
  } else {
    // Otherwise it would be said that no image has this id.
    for (const what of ['changes', 'events']) {
      const detail = `there is nothing at /v2/image/${what}; your own images have it at /v2/user/image/vm/${what}`;
      app.all(
        `/v2/image/${what}`,
        observe((c) => refuse(c, { status: 404, detail }), deps.traffic.route('none')),
      );
    }
    resource('/v2/image', { GET: ['publicImageList', asUser(shared.list)] });
    resource('/v2/image/{id}', { GET: ['publicImageById', asUser(shared.byId)] });
  }
  resource('/v2/user/image/vm', {
    GET: ['ownImageList', asUser(images.list)],
    PATCH: ['ownSync', asUser(syncs.requestOwn)],
  });
  resource('/v2/user/image/vm/changes', { GET: ['ownImageChanges', asUser(changesOf)] });
  resource('/v2/user/image/vm/events', { GET: ['ownImageEvents', asUser(eventsOf)] });
  resource('/v2/request/image_sync', { GET: ['ownSyncs', asUser(syncs.own)] });
  resource('/v2/request/image_sync/{id}', { GET: ['syncById', asUser(syncs.byId)] });

  const asHinter = requireToken(authenticating, 'hint');
  resource('/v2/hint', { POST: ['hints', asHinter(createHintHandler(deps))] });

  resource('/v2/admin/sync', { POST: ['adminSync', asAdmin(audited('sync', admin.requestSync))] });
  resource('/v2/admin/image', { GET: ['imageSearch', asAdmin(createImageSearchHandler(deps))] });
  resource('/v2/admin/request', { GET: ['allSyncs', asAdmin(syncs.all)] });
  resource('/v2/admin/request/{id}', { DELETE: ['syncCancel', asAdmin(audited('cancel', syncs.cancel))] });
  resource('/v2/admin/space', { GET: ['spaceList', asAdmin(admin.spaces)] });
  resource('/v2/admin/space/{user}', {
    GET: ['spaceByUser', asAdmin(admin.space)],
    DELETE: ['spaceForget', asAdmin(audited('forget', admin.forget))],
  });
  resource('/v2/admin/space/{user}/accept', { POST: ['spaceAccept', asAdmin(audited('accept', admin.accept))] });
  resource('/v2/admin/space/{user}/keep', { POST: ['spaceKeep', asAdmin(audited('keep', admin.keep))] });
  resource('/v2/admin/space/{user}/held', { GET: ['spaceHeld', asAdmin(createHeldHandler(deps))] });
  resource('/v2/admin/space/{user}/resume', { POST: ['spaceResume', asAdmin(audited('resume', admin.resume))] });

  const administration = createAdministrationHandlers(deps);
  resource('/v2/admin/overview', { GET: ['adminOverview', asAdmin(administration.overview)] });
  resource('/v2/admin/health', { GET: ['adminHealth', asAdmin(administration.health)] });
  resource('/v2/admin/audit', { GET: ['adminAudit', asAdmin(administration.audit)] });
  resource('/v2/admin/backup', { POST: ['adminBackup', asAdmin(audited('backup', administration.backUp))] });
  resource('/v2/admin/reload', { POST: ['adminReload', asAdmin(audited('reload', administration.reload))] });

  resource('/v2/user', { GET: ['ownUser', asUser(createUserHandler(deps))] });
  const tokens = createUserTokenHandlers(deps);
  resource('/v2/user/token', {
    GET: ['ownTokens', asUser(tokens.list)],
    POST: ['ownTokenCreate', asUser(audited('token create', tokens.create))],
  });
  resource('/v2/user/token/{id}', {
    GET: ['ownToken', asUser(tokens.show)],
    PUT: ['ownTokenChange', asUser(tokens.change)],
    DELETE: ['ownTokenEnd', asUser(tokens.end)],
  });
  if (links !== null) {
    const link = createLinkHandlers({ ...deps, links });
    resource('/v2/user/space/link', {
      POST: ['linkStart', asUser(audited('link begin', link.start))],
      GET: ['linkStanding', asUser(link.show)],
      DELETE: ['linkEnd', asUser(audited('unlink', link.end))],
    });
  }
  resource('/v2/ping', { GET: ['ping', ping] });
  resource('/v2/status', { GET: ['status', status] });
  resource('/auth/request-token', { POST: ['logIn', createLogInHandler(deps, { limit, onRefused: onLogInRefused })] });

  resource('/livez', { GET: ['liveness', createLivenessHandler(deps.isAlive)] });
  resource('/readyz', { GET: ['readiness', createReadinessHandler(deps.checkHealth)] });
  if (deps.metrics !== null) {
    resource('/metrics', { GET: ['metrics', asAdmin(createMetricsHandler(deps.metrics))] });
  }
  const { assets = createAssets(DOCS_ASSETS) } = deps;
  // Parts of pages are no calls of the API, so its document is silent of them.
  app.all('/assets/:name', observe(assets.handle, deps.traffic.route('/assets')));
  const documents = createDocumentHandlers(all, deps, assets);
  resource('/openapi.json', { GET: ['openApiDocument', documents.openApi] });
  resource('/docs', { GET: ['docs', documents.docs] });
  const { index, root } = createIndexHandlers(all, { ...deps, page: deps.console ? 'console' : 'docs' });
  resource('/v2', { GET: ['apiIndex', index] });
  resource('/', { GET: ['root', root] });

  if (deps.console) {
    const api: Fetch = (request, bindings) => app.fetch(request, bindings ?? {});
    const pages = deps.console(api, (end) => deps.waits?.atEnd(end));
    const show = observe(async (c) => {
      if (c.req.method === 'TRACE') return refuse(c, { status: 405, detail: 'TRACE is not allowed here' });
      const id = c.get('requestId');
      const headers = new Headers(c.req.raw.headers);
      headers.set('X-Request-Id', id); // all that a page asks of the API has the id of the page
      const shown = await pages(new Request(c.req.raw, { headers }), c.env);
      shown.headers.set('X-Request-Id', id);
      return shown;
    }, deps.traffic.route('/console'));
    app.all('/console', show);
    app.all('/console/*', show);
  }

  const refuseUnknown: Handle = (c) => {
    const { path } = c.req;
    return refuse(c, { status: 404, detail: `there is nothing at ${path}${adviceOnPath(path, deps.publicUrl)}` });
  };
  app.notFound(observe(refuseUnknown, deps.traffic.route('none')));
  return app;
}
