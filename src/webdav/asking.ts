import { failedListing, type Listing, type ListingFailure } from '../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../domain/model/path.js';
import type { Clock } from '../domain/ports/clock.js';
import { printable } from '../domain/text/printable.js';
import type { Exchange } from './auth/exchange.js';
import type { Failed } from './failure/failure.js';
import { nextRetry, retryAfterMs, type Trouble } from './failure/retry.js';
import type { Gate, Leave, Result } from './gate/gate.js';
import { isRefusedAlone, isRefusedForLoad } from './gate/refusal.js';
import { createListingBuilder } from './list-collection.js';
import { collectionHref, wholeEncoded } from './multistatus/href.js';
import type { ReadCaps } from './multistatus/multistatus.js';
import { type Depth, propfind, propfindHeaders } from './propfind.js';
import type { Sleep } from './transport/sleep.js';
import type { End } from './transport/waiting-line.js';

/**
 * Sends a PROPFIND for a collection of a space, and retries until it is answered or retrying is useless. `href`
 * defaults to `collectionHref`.
 */
export type Ask = (collection: ResourcePath, depth: Depth, signal: AbortSignal, href?: string) => Promise<Listing>;

export interface AskingOptions {
  readonly origin: string;
  readonly basePath: string;
  readonly exchange: Exchange;
  readonly gate: Gate;
  readonly exclude: (path: ResourcePath) => boolean;
  /** See `WebdavOptions`. */
  readonly keepsFiles?: boolean | undefined;
  readonly totalMs: number;
  readonly caps: ReadCaps;
  readonly userAgent: string;
  /** If false, nothing is sent twice, whatever the result. */
  readonly retries: boolean;
  /** Whether a single refusal for load is called so whatever its status: requests are to find out whether that is over. */
  readonly isProbing?: boolean | undefined;
  /** Whether each request is somebody else's whom the storage knows: one that is refused for too many (429) is no load. */
  readonly isForClient?: boolean | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: Sleep;
  /** Called once the server has shown ownCloud's properties. */
  readonly onOwncloud: () => void;
  /** Called for each attempt; see `WebdavOptions`. */
  readonly onRequest?:
    | ((outcome: ListingFailure | 'answered', seconds: number, askedAt: number | null) => void)
    | undefined;
}

interface Asked {
  readonly collection: ResourcePath;
  readonly depth: Depth;
  readonly path: string;
}

export function createAsking(options: AskingOptions): Ask {
  const { origin, basePath, exchange, gate, exclude, totalMs, caps, userAgent, clock, random, sleep } = options;
  const headersOf = { 0: propfindHeaders('0', userAgent), 1: propfindHeaders('1', userAgent) };
  /** Whether this server has ownCloud's properties; null before the first listing. */
  let hasOwncloud: boolean | null = null;
  /**
   * What a server with ownCloud's properties said to credentials that it refused, wherever that was. Until the root is
   * asked if it takes them, nothing more is sent with them: ten refusals close the server to all users of ovadex.
   */
  let refusal: string | null = null;
  /** They were refused, whatever was known of the server by then. */
  let wereRefused = false;
  /** The root did take them after that, so there are folders that refuse them on their own. */
  let areFoldersClosed = false;

  /** Makes one attempt that the host's gate has let in; the caller reports its result to the gate. */
  const attempt = async ({ collection, depth, path }: Asked, leave: Leave, signal: AbortSignal) => {
    try {
      const builder = createListingBuilder({ collection, basePath, exclude, keepsFiles: options.keepsFiles });
      const asksOwncloud = hasOwncloud !== false;
      const isRoot = collection === ROOT;
      const headers = headersOf[depth];
      const request = { exchange, path, headers, asksOwncloud, isRoot, totalMs, caps, onResponse: builder.add };
      const startedAt = performance.now();
      const answer = await propfind(request, signal);
      const isListed = 'askedAt' in answer;
      const askedAt = isListed ? answer.askedAt : null;
      options.onRequest?.(isListed ? 'answered' : answer.failure, (performance.now() - startedAt) / 1_000, askedAt);
      if (!isListed) return answer;
      return { finish: (requests: number) => blotted(builder.finish(requests, askedAt), answer.blot) };
    } catch (error) {
      leave('failed');
      throw error;
    }
  };

  /** Asks for the root if nothing else is waiting, to find out whether the host refuses everything or only this request. */
  const askRoot = async (signal: AbortSignal): Promise<number> => {
    const entry = await gate.enter(signal);
    if ('refusal' in entry) return 0;
    const answer = await attempt({ collection: ROOT, depth: '0', path: basePath }, entry.leave, signal);
    entry.leave('finish' in answer ? 'let through' : resultOf(answer, clock(), 0));
    return 1;
  };

  const persist = async (asked: Asked, signal: AbortSignal): Promise<Listing> => {
    const { collection, depth, path } = asked;
    let requests = 0;
    let attempts = 0;
    let refusals = 0;
    let probes = 0;
    /** Number of requests that the host had let through when it last refused this one as a probe; null if it never did. */
    let letThrough: number | null = null;
    let end: End = 'back';
    const isTrial = collection === ROOT && depth === '0';
    const failed = (failure: ListingFailure, detail: string) =>
      located(failedListing(collection, failure, detail, requests), `${origin}${path}`, depth);

    for (;;) {
      const entry = await gate.enter(signal, end);
      if ('refusal' in entry) return failed('busy', entry.refusal);
      if (refusal !== null && !isTrial) {
        entry.leave('failed');
        return failedListing(collection, 'unauthorized', refusal, requests);
      }
      const answer = await attempt(asked, entry.leave, signal);
      requests++;
      if ('finish' in answer) {
        entry.leave('let through');
        const listing = answer.finish(requests);
        if (listing.verdict.complete) {
          if (wereRefused && isTrial) {
            refusal = null;
            areFoldersClosed = true;
          }
          if (hasOwncloud === null && listing.mayPropagate) options.onOwncloud();
          hasOwncloud ??= listing.mayPropagate;
        }
        return located(listing, `${origin}${path}`, depth);
      }
      const { failure, detail, trouble } = answer;
      const areOthersLetThrough = letThrough !== null && gate.letThrough > letThrough;
      const busy = busyStatus(trouble);
      const isOnlyThisClient = options.isForClient === true && busy === 429;
      const ownRefusals = areOthersLetThrough ? Math.max(1, refusals) : 0;
      // No pause from here to its next entry, or another request would go first.
      entry.leave(isOnlyThisClient ? 'let through' : resultOf(answer, clock(), ownRefusals));
      if (busy === null) {
        const isRefused = failure === 'unauthorized';
        if (isRefused) wereRefused = true;
        if (isRefused && hasOwncloud === true && !areFoldersClosed)
          refusal ??= whereOf(detail, `${origin}${path}`, depth);
        const waitMs = options.retries ? nextRetry(trouble, ++attempts, { now: clock(), random }) : null;
        if (waitMs === null) return failed(failure, detail);
        await sleep(waitMs, signal);
        end = 'back';
        continue;
      }
      if (!options.retries) return failed(busy === 429 || options.isProbing === true ? 'busy' : failure, detail);
      end = entry.isProbe ? 'back' : 'front';
      if (entry.isProbe) {
        if (entry.isAlone && (letThrough === null || areOthersLetThrough)) refusals++;
        letThrough = gate.letThrough;
        if (isRefusedAlone(refusals, busy)) return failed(failure, detail);
        // Only every other time: a host that occasionally lets one request through should let this one through, not the
        // root. A host that asks for a long pause would be given up before the second time, so it is asked at once.
        const isDue = ++probes % 2 === 0 || asksForLong(trouble, clock());
        if (isDue && !gate.isWanted && collection !== ROOT && gate.refusal === null) {
          requests += await askRoot(signal);
        }
      }
      if (gate.refusal !== null) return failed('busy', gate.refusal);
    }
  };

  return async (collection, depth, signal, href = collectionHref(collection)) => {
    const listing = await persist({ collection, depth, path: `${basePath}${href}` }, signal);
    if (!mayBeMisread(listing)) return listing;
    const other = wholeEncoded(href);
    if (other === href) return listing;
    const again = await persist({ collection, depth, path: `${basePath}${other}` }, signal);
    // A collection is gone only if both requests say so.
    const isGoneTwice = !again.verdict.complete && again.verdict.failure === 'not-found';
    return { ...(isGoneTwice ? listing : again), requests: listing.requests + again.requests };
  };
}

/** Returns the status of a refusal for load; null for any other trouble. */
function busyStatus(trouble: Trouble): number | null {
  return trouble.kind === 'status' && isRefusedForLoad(trouble.status) ? trouble.status : null;
}

/** A pause is long from here on: the longest that ovadex makes by itself. */
const LONG_PAUSE_MS = 30_000;

function asksForLong(trouble: Trouble, now: number): boolean {
  return trouble.kind === 'status' && (retryAfterMs(trouble.retryAfter, now) ?? 0) > LONG_PAUSE_MS;
}

/** Returns how the host reacted to a request that brought no listing. */
export function resultOf({ trouble, detail }: Failed, now: number, ownRefusals: number): Result {
  if (trouble.kind !== 'status') return 'failed';
  if (busyStatus(trouble) !== null) return { askedMs: retryAfterMs(trouble.retryAfter, now), detail, ownRefusals };
  return trouble.status < 500 ? 'let through' : 'failed';
}

const MISREADINGS: ReadonlySet<ListingFailure> = new Set(['not-found', 'rejected', 'no-self', 'foreign-href']);

/** Whether the server may have misread the path: some read `;` or `+` in their own way. */
function mayBeMisread({ verdict }: Listing): boolean {
  return !verdict.complete && MISREADINGS.has(verdict.failure);
}

/** Removes secrets from a listing, since entries may repeat what the request was sent with. */
function blotted(listing: Listing, blot: (text: string) => string): Listing {
  const { verdict, misfits } = listing;
  const told = (text: string) => printable(blot(text));
  if (!verdict.complete) return { ...listing, verdict: { ...verdict, detail: told(verdict.detail) } };
  return misfits.length === 0 ? listing : { ...listing, misfits: misfits.map(told) };
}

const whereOf = (detail: string, url: string, depth: Depth) => `PROPFIND ${url} with Depth ${depth}: ${detail}`;

/** Puts the request in front of a failure's detail, so that an administrator can repeat it. */
function located(listing: Listing, url: string, depth: Depth): Listing {
  if (listing.verdict.complete) return listing;
  const requests = listing.requests > 1 ? ` (${listing.requests} requests)` : '';
  const detail = `${whereOf(listing.verdict.detail, url, depth)}${requests}`;
  return { ...listing, verdict: { ...listing.verdict, detail } };
}
