import { setMaxListeners } from 'node:events';
import type { DateHabit, OtherDate } from '../domain/description/date-habit.js';
import type { RangeAnswer, RangeSource } from '../domain/description/reading.js';
import type { ListedFile } from '../domain/model/image.js';
import type { ListingFailure } from '../domain/model/listing.js';
import type { ResourcePath } from '../domain/model/path.js';
import type { Clock } from '../domain/ports/clock.js';
import { nextRetry } from './failure/retry.js';
import { isRefusedForLoad } from './gate/refusal.js';
import { hrefFromPath, wholeEncoded } from './multistatus/href.js';
import { createRangeRequest, type Opened, type RangeRequestDeps } from './range-request.js';
import { otherDate, type ShownFile, sizeAlone } from './ranges/sameness.js';
import type { Sleep } from './transport/sleep.js';

export interface RangeSourceDeps extends Omit<RangeRequestDeps, 'path'> {
  readonly origin: string;
  readonly basePath: string;
  /** If false, nothing is sent twice, whatever the result. */
  readonly retries: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: Sleep;
  /** Origins that were seen to ignore ranges: nothing but the beginning of a file is asked of them. */
  readonly unseekable: Set<string>;
}

/** A server may send less than was asked for (RFC 9110 15.3.7); one that sends a file in crumbs is not asked for ever. */
const MOST_PARTS = 8;

const NOTHING = new Uint8Array(0);

/** Reads a file by ranges. Refusals for load are not waited out: descriptions can wait, and whoever reads comes back. */
export function createRangeSource(
  path: ResourcePath,
  listed: ListedFile,
  deps: RangeSourceDeps,
  signal: AbortSignal,
  habits: readonly DateHabit[] = [],
): RangeSource {
  const { origin, basePath, unseekable, clock, random, sleep } = deps;
  setMaxListeners(0, signal);
  let href = hrefFromPath(path);
  let requests = 0;
  /** Those of answers that were just a part. */
  let bytes = 0;
  let first: ShownFile | null = null;
  let datedAs: OtherDate | null = null;
  /** The body of the whole file that a server sends which ignores ranges, and how far it was read. */
  let whole: { readonly body: Extract<Opened, { kind: 'whole' }>; at: number } | null = null;

  const located = (failure: ListingFailure, detail: string): RangeAnswer => ({
    kind: 'failed',
    failure,
    detail: `GET ${origin}${basePath}${href}: ${detail}`,
  });

  /** Asks until there is an answer or asking again is useless. */
  const open = async (from: number, end: number): Promise<Exclude<Opened, { kind: 'failed' }> | RangeAnswer> => {
    for (let attempt = 1; ; attempt++) {
      const ask = createRangeRequest({ ...deps, path: `${basePath}${href}` });
      const opened = await ask({ from, end, listed, first, habits }, signal);
      if (opened.isSent) requests++;
      bytes += opened.kind === 'part' ? opened.bytes.length : 0;
      if (opened.kind !== 'failed') {
        if (first === null)
          datedAs = 'shown' in opened && opened.shown !== null ? otherDate(opened.shown, listed) : null;
        return opened;
      }
      const { failure, detail, trouble } = opened.failed;
      const other = wholeEncoded(href);
      if (failure === 'not-found' && first === null && other !== href) {
        href = other; // some servers read `;` or `+` in their own way
        continue;
      }
      const isBusy = trouble.kind === 'status' && isRefusedForLoad(trouble.status);
      if (isBusy) return located(failure === 'maintenance' ? failure : 'busy', detail);
      const waitMs = deps.retries ? nextRetry(trouble, attempt, { now: clock(), random }) : null;
      if (waitMs === null) return located(failure, detail);
      await sleep(waitMs, signal);
    }
  };

  /** Reads on in the body of the whole file. */
  const readOn = async (from: number, end: number): Promise<RangeAnswer> => {
    if (whole === null || from !== whole.at) return { kind: 'unseekable' };
    const taken = await whole.body.take(end - from);
    if ('trouble' in taken) return located(taken.failure, taken.detail);
    whole.at += taken.length;
    const totalBytes = sizeOf();
    const isShort = taken.length < end - from;
    if (isShort && totalBytes !== null && whole.at < totalBytes) {
      return located('truncated', `the body ended after ${whole.at} of ${totalBytes} bytes`);
    }
    if (!isShort && (totalBytes === null || whole.at < totalBytes)) unseekable.add(origin);
    return { kind: 'bytes', bytes: taken, totalBytes: totalBytes ?? (isShort ? whole.at : null) };
  };
  const sizeOf = () => first?.totalBytes ?? listed.sizeBytes;

  const readParts = async (from: number, end: number): Promise<RangeAnswer> => {
    const parts: Uint8Array[] = [];
    let at = from;
    for (let part = 0; at < end; part++) {
      const size = sizeOf();
      if (size !== null && at >= size) break;
      if (part === MOST_PARTS) return located('truncated', `it sends less than was asked for, ${MOST_PARTS} times`);
      const opened = await open(at, end);
      if (opened.kind === 'beyond') {
        first ??= sizeAlone(opened.totalBytes);
        break;
      }
      if (opened.kind === 'whole') {
        if (at > 0) {
          unseekable.add(origin);
          await opened.close();
          return { kind: 'unseekable' };
        }
        first ??= opened.shown;
        whole = { body: opened, at: 0 };
        return await readOn(from, end);
      }
      if (opened.kind !== 'part') return opened;
      unseekable.delete(origin);
      first ??= opened.shown;
      parts.push(opened.bytes);
      at += opened.bytes.length;
      // Without a size nobody can tell a short answer from the end.
      if (sizeOf() === null) break;
    }
    return { kind: 'bytes', bytes: joined(parts), totalBytes: sizeOf() };
  };

  return {
    async read(from, end) {
      signal.throwIfAborted();
      const size = sizeOf();
      if (from >= end || (size !== null && from >= size)) return { kind: 'bytes', bytes: NOTHING, totalBytes: size };
      if (whole !== null) return await readOn(from, end);
      if (from > 0 && unseekable.has(origin)) return { kind: 'unseekable' };
      return await readParts(from, end);
    },
    // What has come of a whole body counts, also what nobody took before its connection was ended.
    cost: () => ({ requests, bytes: bytes + (whole?.body.receivedBytes() ?? 0) }),
    otherDate: () => datedAs,
    async close() {
      await whole?.body.close();
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only = NOTHING, ...more] = parts;
  return more.length === 0 ? only : new Uint8Array(Buffer.concat(parts));
}
