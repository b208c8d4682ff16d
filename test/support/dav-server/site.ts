import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, sendAnswer, sentOf } from './answer.js';
import { createDavGuard, type DavAccount } from './auth.js';
import { createFaultScript, type Fault, NO_FAULT } from './faults.js';
import { fileAnswer } from './file-answer.js';
import { createDavLimiter, type DavLoad } from './load.js';
import { reachOf, type ShownMarker, shownMarker } from './markers.js';
import { missingAnswer } from './missing.js';
import { type Asked, renderMultistatus } from './multistatus.js';
import { MAINTENANCE, statusPage } from './nextcloud.js';
import { sendNoHttp } from './no-http.js';
import type { DavSiteOptions } from './options.js';
import { APACHE_PROPERTIES } from './properties.js';
import { type DavRequest, readRequest, takeApart, wantsOwncloudProperties } from './request.js';
import { createDavSearch, type SearchFault } from './search.js';
import { createDavTree, type DavNode, type DavTree } from './tree.js';

export type { DavAnswered, DavSiteOptions } from './options.js';

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
  /** From now on no more PROPFINDs than that are answered; null: all are. */
  setLoad(load: DavLoad | null): void;
  /** The tree is served below another path, percent-encoded as `basePath`. */
  setBasePath(basePath: string): void;
  /** Whether everything meets a 503, as on a Nextcloud whose status.php says so. */
  setMaintenance(isInMaintenance: boolean): void;
  /** From now on searches go wrong like this. */
  setSearch(fault: SearchFault): void;
  /** What a PROPFIND without faults shows of a resource's changes. */
  shownMarker(path: string): ShownMarker;
  handle(message: IncomingMessage, response: ServerResponse, origin: string): Promise<void>;
  /** Ends every delay. */
  stop(): void;
}

export function createDavSite(options: DavSiteOptions = {}): DavSite {
  const { now = Date.now, date, random = Math.random, markers = 'apache' } = options;
  const startedAt = now();
  const { missing: missingStyle = '404', spelling = 'none' } = options;
  const tree = createDavTree(now, reachOf(markers), options.areMountsStill, spelling);
  const limiter = createDavLimiter(now);
  const faults = createFaultScript();
  const accounts = options.auth === undefined ? [] : [options.auth].flat();
  const guard = createDavGuard(options.scheme ?? 'basic', accounts, options.nonceLife, now);
  const bytesOf = (encoded: string) => Buffer.from(decodeURIComponent(encoded)).toString('latin1');
  let basePath = bytesOf(options.basePath ?? '/');
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
  const search = createDavSearch(tree, () => basePath, options.hasSearch === true, markerOf);
  const listing = (
    request: DavRequest,
    { isAlias, ...asked }: Asked & { readonly isAlias: boolean },
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
      now,
      random,
    });
    const { members, files, hasNextPage } = document;
    const sent = sentOf({ length: document.body.length, endsAt: document.endsAt }, fault);
    const node = trail.at(-1) ?? tree.root;
    const marker = fault.bare === undefined ? markerOf(node) : null;
    const shown = { isCollection: node.children !== null, isAlias, members, files, marker, hasNextPage, sent };
    options.onAnswer?.({ request, path, depth, fault, status: 207, missing: null, shown });
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
  const refusal = ({ status, redirect, html, echo, body = '' }: Fault, request: DavRequest): Answer | null => {
    if (echo === true) {
      const said = `you said ${request.headers.authorization ?? 'nothing'}`;
      return { status: 400, statusText: `Bad Request: ${said}`, headers: {}, body: said };
    }
    if (redirect !== undefined) return { status: status ?? 301, headers: { Location: redirect }, body };
    if (status !== undefined) return { status, headers: {}, body };
    if (html !== true) return null;
    return { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<!DOCTYPE html><title>Log in</title>' };
  };

  const answerTo = (request: DavRequest, fault: Fault, origin: string): Answer => {
    const { bytes, page } = takeApart(request.target, basePath);
    const trail = bytes === null ? undefined : tree.trail(bytes);
    const { path, method, depth } = request;
    const missing = fault.missing ?? (trail === undefined ? (method === 'PROPFIND' ? missingStyle : '404') : null);
    const refused = refusal(fault, request) ?? (missing === null ? null : missingAnswer(missing, request.target));
    if (method === 'PROPFIND' && path !== null) {
      if (refused === null && bytes !== null && trail !== undefined) {
        const wantsOwncloud = wantsOwncloudProperties(request.body);
        const stored = trail.slice(1).map(({ key }) => key);
        const isAlias = stored.join('/') !== bytes;
        const spelled = options.isSpellingItsOwn === true ? stored.join('/') : bytes;
        const asked = { path, bytes: spelled, depth: depth ?? 'infinity', page, wantsOwncloud, isAlias };
        return listing(request, asked, trail, fault, origin);
      }
      const status = refused?.status ?? 404;
      const said = { request, path, depth: depth ?? 'infinity', fault, status };
      options.onAnswer?.({ ...said, missing: refusal(fault, request) === null ? missing : null, shown: null });
    }
    if (refused !== null) return refused;
    const node = trail?.at(-1);
    if (method !== 'GET') return { status: 405, headers: { Allow: 'GET, PROPFIND' }, body: '' };
    if (node === undefined || node.children !== null) return { status: 405, headers: { Allow: 'PROPFIND' }, body: '' };
    return fileAnswer(node, markerOf(node), request.headers, fault);
  };

  /** What comes before any credentials or properties: the server's own condition. */
  const gateAnswer = (request: DavRequest): Answer | null => {
    if (hasOwncloudProperties) {
      const page = statusPage(request.target, options.basePath ?? '/', isInMaintenance);
      if (page !== null) return page;
    }
    if (isInMaintenance) return MAINTENANCE;
    const refused = request.method === 'PROPFIND' ? limiter.refuse() : null;
    if (refused !== null) return { status: refused, headers: {}, body: '' };
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
    setLoad: limiter.set,
    setBasePath(encoded) {
      basePath = bytesOf(encoded);
    },
    setMaintenance(is) {
      isInMaintenance = is;
    },
    setSearch: search.set,
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
      const found = search.answer(request);
      if (found !== null) {
        sendAnswer(response, found, NO_FAULT);
        return;
      }
      const { path, depth, method } = request;
      const fault = path === null ? NO_FAULT : faults.next(path, depth ?? 'infinity', method);
      if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: stopped.signal });
      await fault.until;
      const isNoHttp = fault.noHttp !== undefined;
      if (fault.reset !== true && fault.stall !== 'head' && !isNoHttp) {
        sendAnswer(response, answerTo(request, fault, origin), fault);
        return;
      }
      if (path !== null) {
        const said = { request, path, depth: depth ?? 'infinity', fault, status: 0 };
        options.onAnswer?.({ ...said, missing: null, shown: null });
      }
      if (fault.noHttp !== undefined) sendNoHttp(message.socket, fault.noHttp, request.headers.authorization);
      if (fault.reset === true) message.socket.destroy();
    },
    stop: () => stopped.abort(),
  };
}
