import { setMaxListeners } from 'node:events';
import {
  isLastingRefusal,
  maySearchFirst,
  offerAfterOptions,
  offerAfterSearch,
  offerAt,
  type SearchOffer,
  UNKNOWN_OFFER,
} from '../domain/hosts/search-offer.js';
import type { ListingFailure } from '../domain/model/listing.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { Search } from '../domain/model/search.js';
import type { Clock } from '../domain/ports/clock.js';
import { printable } from '../domain/text/printable.js';
import { resultOf } from './asking.js';
import type { Exchange } from './auth/exchange.js';
import { connectionFailure } from './failure/connection-failure.js';
import { type Failed, statusFailure } from './failure/failure.js';
import type { Gate, Leave } from './gate/gate.js';
import type { ReadCaps } from './multistatus/multistatus.js';
import { searchHeaders, searchOnce } from './propfind.js';
import type { Answered } from './reading.js';
import { createSearchAnswer } from './search/answer.js';
import { searchBody } from './search/body.js';
import type { SearchPlace } from './search/place.js';
import { abortWaiters } from './transport/abort-waiters.js';
import { deadlineIn } from './transport/transport.js';

/** What was learned of the searches of all spaces, for as long as the program runs. */
export interface SearchMemory {
  /** What a server offers, by the URL of its arbiter. */
  readonly offers: Map<string, SearchOffer>;
  /** Searches under way that will tell what a server offers, by the URL of its arbiter. None rejects. */
  readonly trials: Map<string, Promise<void>>;
  /**
   * Why a space was refused, and until when it is not asked again, by its URL. By that of an arbiter, why the server has
   * not said what it offers.
   */
  readonly refused: Map<string, { readonly detail: string; readonly until: number }>;
}

export function createSearchMemory(): SearchMemory {
  return { offers: new Map(), trials: new Map(), refused: new Map() };
}

/**
 * Searches a space. `isFirst`: nothing of it was answered yet, so it is searched only if what its server has told
 * others allows that; null if it doesn't.
 */
export type SearchSpace = (signal: AbortSignal, isFirst: boolean) => Promise<Search | null>;

export interface SearchingOptions {
  readonly origin: string;
  readonly place: SearchPlace;
  readonly memory: SearchMemory;
  readonly exchange: Exchange;
  readonly gate: Gate;
  readonly exclude: (path: ResourcePath) => boolean;
  readonly totalMs: number;
  readonly caps: ReadCaps;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly onRequest?:
    | ((outcome: ListingFailure | 'answered', seconds: number, askedAt: number | null) => void)
    | undefined;
}

/** Nearly every space fits into one page; for 5,000 entries Nextcloud takes about a second. */
const PAGE = 5_000;
/** More images of one date than any program makes in a second; a page is no longer than this. */
const LONGEST_PAGE = 80_000;
/** As many pages as hold the largest collection that a listing may have. */
const MOST_PAGES = 200;
/** Who is refused a search, as with a name to log in that is not the user's own, is refused tomorrow as well. */
const REFUSED_FOR_MS = 86_400_000;
/** Searches one space, without any retry: whoever searches can also list. */
export function createSearching(options: SearchingOptions): SearchSpace {
  const { origin, place, memory, exchange, gate, exclude, totalMs, caps, userAgent, clock } = options;
  const { arbiter, scope, base, below } = place;
  const url = `${origin}${base}${below}`;
  const server = `${origin}${arbiter}`;
  const headers = searchHeaders(userAgent);

  /** Makes one request that the host's gate has let in, and reports its result. */
  const admitted = async <Good extends object>(
    signal: AbortSignal,
    send: () => Promise<Good | Failed>,
  ): Promise<Good | Failed> => {
    const entry = await gate.enter(signal);
    if ('refusal' in entry) return { failure: 'busy', detail: entry.refusal, trouble: { kind: 'permanent' } };
    return await reported(entry.leave, send);
  };
  const reported = async <Good extends object>(leave: Leave, send: () => Promise<Good | Failed>) => {
    const startedAt = performance.now();
    try {
      const answer = await send();
      const failed = 'trouble' in answer ? answer : null;
      const seconds = (performance.now() - startedAt) / 1_000;
      options.onRequest?.(failed?.failure ?? 'answered', seconds, null);
      leave(failed === null ? 'let through' : resultOf(failed, clock(), 0));
      return answer;
    } catch (error) {
      leave('failed');
      throw error;
    }
  };

  /** Asks the server for what it offers (RFC 5323 3). */
  const askOptions = async (signal: AbortSignal): Promise<{ readonly isOffered: boolean } | Failed> => {
    try {
      const said = { method: 'OPTIONS', path: arbiter, headers, body: '', deadline: deadlineIn(totalMs) };
      const answer = await exchange({ ...said, readerOf: () => null }, signal);
      if (!answer.ok) return statusFailure(answer);
      const offers = ['dasl', 'allow', 'dav'].map((name) => answer.headers.get(name) ?? '').join(',');
      return { isOffered: /<DAV:basicsearch>|(?:^|,)\s*SEARCH\s*(?:,|$)/i.test(offers) };
    } catch (error) {
      signal.throwIfAborted();
      return connectionFailure(error, 'head');
    }
  };

  const failedWith = (failure: ListingFailure, told: string, requests: number): Search => ({
    kind: 'failed',
    failure,
    detail: `SEARCH ${server} in ${scope}: ${told}`,
    requests,
  });

  const unoffered = (requests: number, why = ''): Search => ({
    kind: 'unoffered',
    detail: `${server} offers no SEARCH${why}`,
    requests,
  });

  const offer = () => offerAt(memory.offers.get(server) ?? UNKNOWN_OFFER, clock());
  /** Notes what an answer tells of this search and of the server's others. */
  const noteAnswer = (answered: Answered | Failed) => {
    const isFailed = 'trouble' in answered;
    if (isFailed && answered.trouble.kind !== 'status') return;
    const status = isFailed && answered.trouble.kind === 'status' ? answered.trouble.status : 207;
    memory.offers.set(server, offerAfterSearch(offer(), status, clock()));
    if (!isFailed || !isLastingRefusal(status)) return;
    memory.refused.set(url, { detail: answered.detail, until: clock() + REFUSED_FOR_MS });
  };

  const searchAll = async (signal: AbortSignal, before: number): Promise<Search> => {
    const answer = createSearchAnswer(place, exclude);
    let requests = before;
    let limit = PAGE;
    let since: number | null = null;
    let askedAt: number | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const request = { exchange, path: arbiter, headers, totalMs, caps, onResponse: answer.add };
      const body = searchBody({ scope, since, limit });
      const answered: Answered | Failed = await admitted(signal, () => searchOnce(request, body, signal));
      requests++;
      noteAnswer(answered);
      if ('trouble' in answered) {
        if (offer().kind === 'none') return unoffered(requests, `: it ${answered.detail}`);
        return failedWith(answered.failure, answered.detail, requests);
      }
      askedAt ??= answered.askedAt;
      const next = answer.endPage(limit);
      if (next.kind === 'last') {
        const doubt = answer.doubt();
        const told = doubt === null ? null : printable(answered.blot(doubt));
        const at = askedAt === null ? null : Math.floor(askedAt);
        return { kind: 'found', images: answer.images(), askedAt: at, doubt: told, requests };
      }
      limit = next.kind === 'longer' ? limit * 2 : PAGE;
      if (limit > LONGEST_PAGE) break;
      if (next.kind === 'next') since = next.since;
    }
    return failedWith(
      'too-large',
      `it has more than ${MOST_PAGES} pages, or a page of more than ${LONGEST_PAGE}`,
      requests,
    );
  };

  /** Asks a server that has refused a search what it offers, and searches if that is one. */
  const askAgain = async (signal: AbortSignal): Promise<Search> => {
    const said = await admitted(signal, () => askOptions(signal));
    const isUnsaid = 'trouble' in said;
    // What a pause of the whole host has kept back was no question.
    if (isUnsaid && said.failure === 'busy') return failedWith(said.failure, said.detail, 1);
    const word = isUnsaid ? 'unsaid' : said.isOffered ? 'offered' : 'not-offered';
    const { offer: next, until } = offerAfterOptions(offer(), word, clock());
    memory.offers.set(server, next);
    if (isUnsaid) {
      memory.refused.set(server, { detail: `OPTIONS ${server}: ${said.detail}`, until });
      return failedWith(said.failure, said.detail, 1);
    }
    return said.isOffered ? await searchAll(signal, 1) : unoffered(1);
  };
  /** Lets the others of this server wait for what is learned. */
  const asTrial = (search: Promise<Search>): Promise<Search> => {
    const end = () => void memory.trials.delete(server);
    memory.trials.set(server, search.then(end, end));
    return search;
  };
  const trialOfOthers = () => (isDecided(offer()) ? undefined : memory.trials.get(server));

  return async (signal, isFirst) => {
    setMaxListeners(0, signal);
    let isOpen = false;
    for (let trial = trialOfOthers(); trial !== undefined && !isOpen; trial = trialOfOthers()) {
      const before = offer();
      await untilAborted(trial, signal);
      // Where a search told nothing, as one that got no answer, the next would not either.
      isOpen = offer() === before;
    }
    // No pause from here on, or others that have waited would begin a trial of their own.
    const refused = memory.refused.get(url);
    if (clock() < (refused?.until ?? 0)) return { kind: 'unoffered', detail: refused?.detail ?? '', requests: 0 };
    const now = offer();
    if (isFirst && (isOpen || !maySearchFirst(now))) return null;
    const unsaid = now.kind === 'doubtful' ? memory.refused.get(server) : undefined;
    if (unsaid !== undefined && clock() < unsaid.until)
      return { kind: 'unoffered', detail: unsaid.detail, requests: 0 };
    if (now.kind === 'none') return unoffered(0);
    if (isDecided(now)) return await searchAll(signal, 0);
    return await asTrial(now.kind === 'doubtful' ? askAgain(signal) : searchAll(signal, 0));
  };
}

function isDecided({ kind }: SearchOffer): boolean {
  return kind === 'proven' || kind === 'none';
}

/** Waits for work of others; rejects with the reason of an abort. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const waiters = abortWaiters(signal);
  await new Promise<void>((resolve) => {
    waiters.add(resolve);
    void work.then(() => {
      waiters.delete(resolve);
      resolve();
    });
  });
  signal.throwIfAborted();
}
