import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { createLocalCounts } from '../../src/auth/local-counts.js';
import { rememberPrincipals } from '../../src/auth/token-cache.js';
import { createTokenAuthority } from '../../src/auth/tokens.js';
import { atAGlance } from '../../src/domain/diagnosis/at-a-glance.js';
import type { TroubledUsers } from '../../src/domain/diagnosis/history.js';
import { listingRules } from '../../src/domain/diagnosis/why.js';
import type { AuditEntry } from '../../src/domain/model/audit.js';
import { createRecorder } from '../../src/domain/model/measurements.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { PathHint } from '../../src/domain/model/path-hint.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';
import type { TokenScope } from '../../src/domain/model/token.js';
import type { Administration } from '../../src/domain/ports/administration.js';
import type { Crawler } from '../../src/domain/ports/crawler.js';
import type { ImageCatalogue } from '../../src/domain/ports/image-catalogue.js';
import { createHttpApp, type HttpDeps } from '../../src/http/app.js';
import { createTraffic } from '../../src/http/gate/traffic.js';
import { fakeAdministration } from '../support/administration.js';
import { NO_CHANGES } from '../support/collection-changes.js';
import { type Answered, createAnswerCheck, type Document } from '../support/documented-answers.js';
import { createMemoryIndex, type IndexPorts } from '../support/memory-index/memory-index.js';
import { PROCESSED } from '../support/processed.js';
import { noteAuthorization, overhearText } from '../support/secrets.js';

export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
export const PUBLIC_URL = 'https://vss-api.example.org';
const INTERVAL_MS = 900_000;
/** A crawler that has done nothing yet. */
export const MEASURED: Parameters<typeof atAGlance>[0] = {
  counts: {
    ...{ syncs: [], listings: new Map(), searches: new Map(), requests: new Map(), imagesRead: new Map() },
    ...{ requestSeconds: createRecorder([0.1, 1]).read(), readRequests: 0, bytesRead: 0, webhookMessages: new Map() },
    ...{ added: 0, changed: 0, deleted: 0, mismatches: 0, searchMisses: 0, hints: { taken: 0, ignored: 0 } },
    hintedCollections: 0,
  },
  totals: {
    ...{ spaces: new Map(), images: 0, imagesByState: new Map(), collections: 0, heldImages: 0, waitingSyncs: 0 },
    ...{
      runningSyncs: 0,
      oldestSuccessAt: null,
      medianSuccessAt: null,
      oldestUser: null,
      lastTrouble: null,
      storages: [],
    },
    ...{ storedBytes: 0, unmergedBytes: 0 },
  },
};
const NOBODY: TroubledUsers = { held: [], suspended: [], failing: [] };
const RULES = listingRules({ exclude: [], excludeDefaults: true, maxDepth: 64 });

/** An answer's body, as far as tests look into it. */
export interface Body {
  readonly _links: { readonly api: string; readonly self: string };
  readonly data: readonly Record<string, unknown>[] & Record<string, unknown>;
  readonly meta: {
    readonly count: number;
    readonly time: string;
    readonly user: string;
    readonly pages: Record<string, unknown>;
    readonly index: { readonly state: string; readonly synced_on: string | null };
  };
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly message: string;
  readonly errors: readonly { readonly parameter: string; readonly detail: string }[];
}

export async function bodyOf(response: Response): Promise<Body> {
  return (await response.json()) as Body;
}

type HttpApp = ReturnType<typeof createHttpApp>;

/** The API over an index in memory, with the log at hand. */
export function createApiScene(overrides: Partial<HttpDeps> = {}, given?: IndexPorts) {
  const time = { now: NOW };
  const clock = () => time.now;
  const index = given ?? createMemoryIndex(clock);
  const authority = createTokenAuthority({ tokens: index.tokens, clock });
  const logLines: string[] = [];
  const audit: AuditEntry[] = [];
  const write = (line: string) => {
    overhearText('the log of an API', line);
    logLines.push(line);
  };
  const logger = pino({ level: 'debug' }, { write });
  const hints: PathHint[] = [];
  const logIns: string[] = [];
  const crawler: Crawler = {
    requestSync: (request) => index.syncs.request(request),
    acceptRemovals: (spaceId) => index.spaces.acceptRemovals(spaceId),
    refuseRemovals: (spaceId) => index.spaces.refuseRemovals(spaceId),
    resume: (spaceId) => index.spaces.resume(spaceId),
    loggedIn: async (user) => void logIns.push(user),
    cancel: (syncId) => index.syncs.cancel(syncId),
    hint: async (given) => void hints.push(...given),
  };
  const deps: HttpDeps = {
    catalogue: index.catalogue,
    changes: index.changes,
    snapshots: null,
    syncs: index.syncs,
    traces: index.traces,
    verify: rememberPrincipals({ verify: authority.verify, clock }),
    logIn: async () => 'refused',
    logInCounts: createLocalCounts(overrides.clock ?? clock),
    issueToken: () => Promise.reject(new Error('nobody logs in here')),
    trustedProxies: [],
    tokens: index.tokens,
    issueOwnToken: authority.issueOwn,
    crawler,
    clock,
    logger,
    publicUrl: PUBLIC_URL,
    inEffect: { syncIntervalMs: INTERVAL_MS, isSearchAllowed: true, rules: RULES },
    version: '1.2.3',
    requestLimit: null,
    publicUsers: null,
    forget: async () => null,
    administration: administrationOver(index, clock),
    audit: async (entry) => void audit.push(entry),
    traffic: createTraffic(),
    replays: null,
    checkHealth: async () => [{ name: 'index', ok: true, required: true, detail: null }],
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', render: async () => 'ovadex_images 12\n' },
    ...overrides,
  };
  const app = createHttpApp(deps);
  checkAnswers(app, deps);
  const users: string[] = [];

  return {
    /** What the API takes for the present. */
    time,
    app,
    crawler,
    authority,
    index,
    logLines,
    audit,
    /** What the crawler was given. */
    hints,
    /** The users of whom the crawler was told that they have logged in. */
    logIns,
    /** The space of one user, beside those that are there already; never synced. */
    async addSpace(user: string) {
      users.push(user);
      const spaces = users.map((each) => ({
        user: each,
        url: `http://storage.example.org/${encodeURIComponent(each)}/`,
      }));
      await index.spaces.configure(spaces, 'rules', NOW);
    },
    /** Runs a sync that finds these images and ends like this. */
    async sync(user: string, paths: readonly string[], outcome: Partial<SyncOutcome> = {}) {
      const space = await index.catalogue.space(user);
      const filed = await index.syncs.request({
        spaceId: space?.id ?? 0,
        mode: 'full',
        trigger: 'schedule',
        requestedBy: null,
        targets: [],
      });
      const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 60_000, syncId: filed.id });
      if (claimed === null) throw new Error(`sync ${filed.id} could not be claimed`);
      const appeared = paths.map((path, at) => ({
        path: path as ResourcePath,
        sizeBytes: at % 3 === 0 ? null : at * 100,
        etag: null,
        modifiedAt: NOW,
      }));
      const changes = { ...NO_CHANGES, appeared };
      await index.index.commit(claimed.lease, [
        { changes, absent: [], unproven: [], present: [], removals: 'apply', toVisit: null },
      ]);
      const counts = { ...NO_COUNTS, images: paths.length, added: paths.length, removed: 2 };
      await index.syncs.finish(claimed.lease, {
        ...PROCESSED,
        counts,
        ...outcome,
      });
      return filed.id;
    },
    async tokenFor(user: string, scopes: readonly TokenScope[] = []) {
      const { token } = await authority.issue({ user, scopes, expiresAt: null });
      noteAuthorization(`Bearer ${token}`);
      return token;
    },
    /** Asks with a bearer token. */
    async ask(token: string, path: string, init: RequestInit = {}): Promise<Response> {
      return app.request(path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
    },
  };
}

/** What administrators are told of an index, and what they may do unless it is given. */
export function administrationOver(
  index: Pick<IndexPorts, 'history'>,
  clock: () => number = () => NOW,
  given: Partial<Administration> = {},
): Administration {
  const overview = async () => atAGlance(MEASURED, await index.history.hours(), NOBODY, clock());
  return fakeAdministration({ overview, ...given });
}

/** By what there is to be served, which is all that the document depends on beside names and numbers. */
const checks = new Map<string, (answered: Answered) => void>();

/** Lets the app throw where an answer, to whichever test, isn't as its own document says. */
function checkAnswers(app: HttpApp, deps: HttpDeps): void {
  const { fetch } = app;
  const kind = [deps.publicUsers, deps.metrics, deps.links ?? null].map((served) => served !== null).join(' ');
  const makeCheck = async () => {
    const silent = createHttpApp({ ...deps, logger: pino({ level: 'silent' }) });
    return createAnswerCheck((await (await silent.request('/openapi.json')).json()) as Document);
  };
  app.fetch = async (request, ...rest) => {
    const { method, url } = request;
    const response = await fetch(request, ...rest);
    // Written to a socket already, or made while it is sent: not to be seen here.
    const { headers, status } = response;
    const isStream = status === 200 && method === 'GET' && headers.has('etag') && !headers.has('content-length');
    const isEvents = status === 200 && headers.get('content-type')?.startsWith('text/event-stream');
    if (headers.has('x-hono-already-sent') || isStream || (isEvents && method === 'GET')) return response;
    const check = checks.get(kind) ?? (await makeCheck());
    checks.set(kind, check);
    const body = decode(headers.get('content-encoding'), Buffer.from(await response.clone().arrayBuffer()));
    check({ method, path: new URL(url).pathname, status, headers, body });
    return response;
  };
}

function decode(coding: string | null, bytes: Buffer): string {
  if (bytes.length === 0 || coding === null) return bytes.toString();
  return (coding === 'br' ? brotliDecompressSync : gunzipSync)(bytes).toString();
}

/** A catalogue that fails in the way given, whatever is asked. */
export function failingCatalogue(error: unknown): ImageCatalogue {
  const fail = () => Promise.reject(error);
  const lists = {
    spacesOf: fail,
    listSpaces: fail,
    spaceContext: fail,
    images: fail,
    changes: fail,
    held: fail,
    search: fail,
  };
  return { space: fail, image: fail, description: fail, ...lists };
}
