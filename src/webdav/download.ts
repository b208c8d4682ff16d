import { setMaxListeners } from 'node:events';
import type { DateHabit } from '../domain/description/date-habit.js';
import type { RangeAnswer, RangeSource } from '../domain/description/reading.js';
import type { ListedFile } from '../domain/model/image.js';
import type { ResourcePath } from '../domain/model/path.js';
import { createRangeAsking } from './range-asking.js';
import type { WholeBody } from './range-request.js';
import type { RangeSourceDeps } from './range-source.js';
import { type Breaks, NO_BREAKS, waitBeforeResuming } from './ranges/resuming.js';
import { type ShownFile, sizeAlone } from './ranges/sameness.js';

/** For how long one answer may take: a terabyte at 16 MiB a second. Silence ends it much sooner. */
const DOWNLOAD_MS = 86_400_000;
/** The longest gap that is read over instead of asking anew: what lies between the files of an archive is shorter. */
const MOST_READ_OVER = 65_536;
/** How much is taken at a time of what is read over. */
const PIECE_BYTES = 1_048_576;
const NOTHING = new Uint8Array(0);

type Failed = Extract<RangeAnswer, { readonly kind: 'failed' }>;

/** An answer that is open, and where in the file its next byte is. */
interface OpenBody extends Pick<WholeBody, 'take' | 'receivedBytes' | 'close'> {
  at: number;
}

/**
 * Reads a file as a stream, in one request if nothing breaks off. What breaks off is asked for from there on; a storage
 * that ignores ranges sends it again from its beginning, which is read over. A read that doesn't continue the one before
 * is a new request, or `unseekable`. Tries are bounded: see `waitBeforeResuming`.
 */
export function createDownload(
  path: ResourcePath,
  listed: ListedFile,
  deps: RangeSourceDeps,
  signal: AbortSignal,
  habits: readonly DateHabit[] = [],
): RangeSource {
  setMaxListeners(0, signal);
  const asking = createRangeAsking(path, listed, { ...deps, totalMs: DOWNLOAD_MS }, signal, habits);
  /** What came by the answers that are over. */
  let bytes = 0;
  let first: ShownFile | null = null;
  let body: OpenBody | null = null;
  /** Where the last read ended. */
  let at = 0;
  let breaks: Breaks = NO_BREAKS;

  const sizeOf = () => first?.totalBytes ?? listed.sizeBytes;
  const end = async () => {
    bytes += body?.receivedBytes() ?? 0;
    await body?.close();
    body = null;
  };

  /** Opens an answer that goes on from there, or begins before; null if there is nothing behind it. */
  const open = async (from: number): Promise<OpenBody | null | Exclude<RangeAnswer, { readonly kind: 'bytes' }>> => {
    const opened = await asking.ask(from, Number.POSITIVE_INFINITY, first);
    if (opened.kind === 'failed' || opened.kind === 'changed') return opened;
    if (opened.kind === 'beyond') {
      first ??= sizeAlone(opened.totalBytes);
      return null;
    }
    if (opened.kind === 'part') return asking.located('malformed', 'answered with a part that was not asked for');
    first ??= opened.shown;
    const { take, receivedBytes, close } = opened;
    if (opened.kind === 'rest') deps.unseekable.delete(deps.origin);
    if (opened.kind === 'rest' || from === 0) return { take, receivedBytes, close, at: from };
    deps.unseekable.add(deps.origin);
    if (from === at) {
      breaks = { ...breaks, fromStart: breaks.fromStart + 1 };
      return { take, receivedBytes, close, at: 0 };
    }
    await close();
    return { kind: 'unseekable' };
  };

  /** Takes so many bytes, fewer at the end of the file; a failure if the answer broke off. */
  const take = async (from: OpenBody, count: number): Promise<Uint8Array | Failed> => {
    const taken = await from.take(count);
    if ('failure' in taken) return asking.located(taken.failure, taken.detail);
    const size = sizeOf();
    from.at += taken.length;
    if (taken.length === count || size === null || from.at >= size) return taken;
    return asking.located('truncated', `the body ended after ${from.at} of ${size} bytes`);
  };
  const takeFrom = async (open: OpenBody, from: number, until: number): Promise<Uint8Array | Failed> => {
    while (open.at < from) {
      const over = await take(open, Math.min(PIECE_BYTES, from - open.at));
      if ('kind' in over) return over;
      if (over.length === 0) return NOTHING;
    }
    return await take(open, until - from);
  };

  return {
    async read(from, until) {
      signal.throwIfAborted();
      const size = sizeOf();
      if (from >= until || (size !== null && from >= size)) return { kind: 'bytes', bytes: NOTHING, totalBytes: size };
      if (body !== null && (from < body.at || from - body.at > MOST_READ_OVER)) await end();
      for (;;) {
        if (body === null) {
          const opened = await open(from);
          if (opened === null) return { kind: 'bytes', bytes: NOTHING, totalBytes: sizeOf() };
          if ('kind' in opened) return opened;
          body = opened;
        }
        const taken = await takeFrom(body, from, until);
        if (!('kind' in taken)) {
          at = from + taken.length;
          breaks = { ...breaks, inARow: 0 };
          const isLast = taken.length < until - from;
          return { kind: 'bytes', bytes: taken, totalBytes: sizeOf() ?? (isLast ? at : null) };
        }
        await end();
        at = from;
        breaks = { ...breaks, inAll: breaks.inAll + 1, inARow: breaks.inARow + 1 };
        const waitMs = deps.retries ? waitBeforeResuming(breaks, deps.random) : null;
        if (waitMs === null) return taken;
        await deps.sleep(waitMs, signal);
      }
    },
    cost: () => ({ requests: asking.requests, bytes: bytes + (body?.receivedBytes() ?? 0) }),
    otherDate: () => asking.otherDate,
    close: end,
  };
}
