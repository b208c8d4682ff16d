import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourcePath } from '../../src/domain/path.js';
import { type Answer, type Sent, sendAnswer, sentOf } from './dav-server-answer.js';
import { createDavGuard, type DavAccount, type NonceLife } from './dav-server-auth.js';
import { createFaultScript, type Fault, NO_FAULT } from './dav-server-faults.js';
import type { HrefStyle } from './dav-server-hrefs.js';
import { type MarkerStyle, reachOf, type ShownMarker, shownMarker } from './dav-server-markers.js';
import { type Asked, renderMultistatus } from './dav-server-multistatus.js';
import { MAINTENANCE, statusPage } from './dav-server-nextcloud.js';
import { APACHE_PROPERTIES, type PropertyStyle } from './dav-server-properties.js';
import { type DavRequest, readRequest, takeApart, wantsOwncloudProperties } from './dav-server-request.js';
import { createDavTree, type DavNode, type DavTree } from './dav-server-tree.js';

export interface DavSiteOptions {
  /** Who may come in; everybody where not given. */
  readonly auth?: DavAccount | readonly DavAccount[];
  readonly scheme?: 'basic' | 'digest';
  readonly nonceLife?: NonceLife;
  /** The URL's path in front of the tree's root, percent-encoded, with a slash at both ends; `/` by default. */
  readonly basePath?: string;
  /** `mixed`: each response in another manner. */
  readonly hrefs?: HrefStyle | 'mixed';
  readonly markers?: MarkerStyle;
  /** Changes inside of a mount move no marker at all; without it, only none outside. */
  readonly areMountsStill?: boolean;
  /** How properties are written where not as Apache does; `mixed`: each response in another manner. */
  readonly properties?: Partial<PropertyStyle> | 'mixed';
  /** Whether oc:fileid and oc:permissions are known; those of `nextcloud` markers are. */
  readonly hasOwncloudProperties?: boolean;
  /** The clock of modification times. */
  readonly now?: () => number;
  /** The clock of the `Date` header; this machine's where not given. */
  readonly date?: () => number;
  /** Chooses where something is `mixed`. */
  readonly random?: () => number;
  /** Runs before a request is answered, which waits for it. */
  readonly onRequest?: (request: DavRequest) => void | Promise<void>;
  /** Runs when it is decided how a PROPFIND is answered. */
  readonly onAnswer?: (answered: DavAnswered) => void;
}

/** How a PROPFIND was answered, as far as it got. */
export interface DavAnswered {
  readonly request: DavRequest;
  readonly path: ResourcePath;
  readonly depth: string;
  readonly fault: Fault;
  readonly status: number;
  /** What a multistatus shows, or null. */
  readonly shown: {
    readonly isCollection: boolean;
    /** Direct members, those with an error too. */
    readonly members: readonly ResourcePath[];
    readonly files: ReadonlySet<ResourcePath>;
    readonly marker: ShownMarker;
    readonly hasNextPage: boolean;
    readonly sent: Sent;
  } | null;
}

/** What a WebDAV server serves and how it goes wrong, without its socket. */
export interface DavSite {
  readonly tree: DavTree;
  /** Every request since the start or the last `forgetRequests()`, the oldest first. */
  readonly requests: readonly DavRequest[];
  forgetRequests(): void;
  /** Scripts a fault of this path; the answer takes it away again. */
  fault(path: string, fault: Fault): () => void;
  clearFaults(): void;
  /** The next requests, whatever they ask for, meet a 429. */
  burst(requests: number, retryAfter?: number | Date): void;
  setAccounts(accounts: readonly DavAccount[]): void;
  /** Digest: makes the next request meet a stale nonce. */
  expireNonce(): void;
  /** Whether everything meets a 503, as on a Nextcloud whose status.php says so. */
  setMaintenance(isInMaintenance: boolean): void;
  /** What a PROPFIND without faults shows of a resource's changes. */
  shownMarker(path: string): ShownMarker;
  handle(message: IncomingMessage, response: ServerResponse, origin: string): Promise<void>;
  /** Ends every delay. */
  stop(): void;
}

const NOT_FOUND: Answer = { status: 404, headers: {}, body: 'Not Found' };

export function createDavSite(options: DavSiteOptions = {}): DavSite {
  const { now = Date.now, date, random = Math.random, markers = 'apache' } = options;
  const startedAt = now();
  const tree = createDavTree(now, reachOf(markers), options.areMountsStill);
  const faults = createFaultScript();
  const accounts = options.auth === undefined ? [] : [options.auth].flat();
  const guard = createDavGuard(options.scheme ?? 'basic', accounts, options.nonceLife, now);
  const basePath = Buffer.from(decodeURIComponent(options.basePath ?? '/')).toString('latin1');
  const isMixed = options.properties === 'mixed';
  const properties = { ...APACHE_PROPERTIES, ...(options.properties === 'mixed' ? {} : options.properties) };
  const hrefs = options.hrefs ?? 'path';
  const hasOwncloudProperties = options.hasOwncloudProperties ?? markers === 'nextcloud';
  const requests: DavRequest[] = [];
  const stopped = new AbortController();
  let isInMaintenance = false;
  if (properties.type === 'slash' && ['no-slash', 'encoded', 'mixed'].includes(hrefs)) {
    throw new Error(`properties.type "slash" needs hrefs with a plain slash behind collections, not "${hrefs}"`);
  }

  const markerOf = (node: DavNode) => shownMarker(node, markers, startedAt);
  const listing = (
    request: DavRequest,
    asked: Asked,
    trail: readonly DavNode[],
    fault: Fault,
    origin: string,
  ): Answer => {
    const { path, depth, page } = asked;
    const place = { origin, basePath };
    const document = renderMultistatus(trail, asked, fault, {
      ...place,
      hrefs,
      markers,
      properties,
      isMixed,
      hasOwncloudProperties,
      startedAt,
      random,
    });
    const { members, files, hasNextPage } = document;
    const sent = sentOf({ length: document.body.length, endsAt: document.endsAt }, fault);
    const node = trail.at(-1) ?? tree.root;
    const shown = { isCollection: node.children !== null, members, files, marker: markerOf(node), hasNextPage, sent };
    options.onAnswer?.({ request, path, depth, fault, status: 207, shown });
    const next = hasNextPage ? `?page=${page + 1}` : fault.linkNext;
    return {
      status: 207,
      headers: {
        'Content-Type': 'text/xml; charset="utf-8"',
        ...(next === undefined ? {} : { Link: `<${next}>; rel="next"` }),
      },
      body: fault.body ?? document.body,
    };
  };

  /** What is answered instead of the truth, or null. */
  const refusal = ({ status, redirect, html, body = '' }: Fault): Answer | null => {
    if (redirect !== undefined) return { status: status ?? 301, headers: { Location: redirect }, body };
    if (status !== undefined) return { status, headers: {}, body };
    if (html !== true) return null;
    return { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<!DOCTYPE html><title>Log in</title>' };
  };

  const answerTo = (request: DavRequest, fault: Fault, origin: string): Answer => {
    const { bytes, page } = takeApart(request.target, basePath);
    const trail = bytes === null ? undefined : tree.trail(bytes);
    const refused = refusal(fault) ?? (trail === undefined ? NOT_FOUND : null);
    const { path, method, depth } = request;
    if (method === 'PROPFIND' && path !== null) {
      if (refused === null && bytes !== null && trail !== undefined) {
        const wantsOwncloud = wantsOwncloudProperties(request.body);
        const asked = { path, bytes, depth: depth ?? 'infinity', page, wantsOwncloud };
        return listing(request, asked, trail, fault, origin);
      }
      const status = refused?.status ?? 404;
      options.onAnswer?.({ request, path, depth: depth ?? 'infinity', fault, status, shown: null });
    }
    if (refused !== null) return refused;
    const node = trail?.at(-1);
    if (method !== 'GET') return { status: 405, headers: { Allow: 'GET, PROPFIND' }, body: '' };
    if (node === undefined || node.children !== null) return { status: 405, headers: { Allow: 'PROPFIND' }, body: '' };
    return { status: 200, headers: {}, body: node.content ?? Buffer.alloc(node.sizeBytes) };
  };

  /** What comes before any credentials or properties: the server's own condition. */
  const gateAnswer = (request: DavRequest): Answer | null => {
    if (hasOwncloudProperties) {
      const page = statusPage(request.target, options.basePath ?? '/', isInMaintenance);
      if (page !== null) return page;
    }
    if (isInMaintenance) return MAINTENANCE;
    const challenge = guard.challenge(request.method, request.headers.authorization);
    return challenge === null
      ? null
      : { status: 401, headers: { 'WWW-Authenticate': challenge }, body: 'Unauthorized' };
  };

  return {
    tree,
    requests,
    forgetRequests() {
      requests.length = 0;
    },
    fault: faults.add,
    clearFaults: faults.clear,
    burst: (times, retryAfter) => {
      faults.add('', { below: true, times, status: 429, ...(retryAfter === undefined ? {} : { retryAfter }) });
    },
    setAccounts: guard.setAccounts,
    expireNonce: guard.expireNonce,
    setMaintenance(is) {
      isInMaintenance = is;
    },
    shownMarker: (path) => markerOf(tree.find(path) ?? tree.root),
    async handle(message, response, origin) {
      const request = await readRequest(message, basePath);
      requests.push(request);
      await options.onRequest?.(request);
      if (date !== undefined) response.setHeader('Date', new Date(date()).toUTCString());
      const gated = gateAnswer(request);
      if (gated !== null) {
        sendAnswer(response, gated, NO_FAULT);
        return;
      }
      const { path, depth, method } = request;
      const fault = path === null ? NO_FAULT : faults.next(path, depth ?? 'infinity', method);
      if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: stopped.signal });
      if (fault.reset !== true && fault.stall !== 'head') {
        sendAnswer(response, answerTo(request, fault, origin), fault);
        return;
      }
      if (path !== null) {
        options.onAnswer?.({ request, path, depth: depth ?? 'infinity', fault, status: 0, shown: null });
      }
      if (fault.reset === true) message.socket.destroy();
    },
    stop: () => stopped.abort(),
  };
}
