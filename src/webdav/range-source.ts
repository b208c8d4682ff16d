import { setMaxListeners } from 'node:events';
import type { DateHabit } from '../domain/description/date-habit.js';
import type { RangeAnswer, RangeSource } from '../domain/description/reading.js';
import type { ListedFile } from '../domain/model/image.js';
import type { ResourcePath } from '../domain/model/path.js';
import { createRangeAsking, type RangeAskingDeps } from './range-asking.js';
import type { WholeBody } from './range-request.js';
import { type ShownFile, sizeAlone } from './ranges/sameness.js';

export interface RangeSourceDeps extends RangeAskingDeps {
  /** Origins that were seen to ignore ranges: nothing but the beginning of a file is asked of them. */
  readonly unseekable: Set<string>;
}

/** A server may send less than was asked for (RFC 9110 15.3.7); one that sends a file in crumbs is not asked for ever. */
const MOST_PARTS = 8;

const NOTHING = new Uint8Array(0);

/**
 * Reads a file by ranges. Refusals for load are waited out only if `waitsOutLoad` says so: descriptions can wait, and
 * whoever reads them comes back.
 */
export function createRangeSource(
  path: ResourcePath,
  listed: ListedFile,
  deps: RangeSourceDeps,
  signal: AbortSignal,
  habits: readonly DateHabit[] = [],
): RangeSource {
  const { origin, unseekable } = deps;
  setMaxListeners(0, signal);
  const asking = createRangeAsking(path, listed, deps, signal, habits);
  const { located } = asking;
  /** Those of answers that were just a part. */
  let bytes = 0;
  let first: ShownFile | null = null;
  /** The body of the whole file that a server sends which ignores ranges, and how far it was read. */
  let whole: { readonly body: WholeBody; at: number } | null = null;

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
      const opened = await asking.ask(at, end, first);
      if (opened.kind === 'beyond') {
        first ??= sizeAlone(opened.totalBytes);
        break;
      }
      if ('take' in opened) {
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
      bytes += opened.bytes.length;
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
    cost: () => ({ requests: asking.requests, bytes: bytes + (whole?.body.receivedBytes() ?? 0) }),
    otherDate: () => asking.otherDate,
    async close() {
      await whole?.body.close();
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only = NOTHING, ...more] = parts;
  return more.length === 0 ? only : new Uint8Array(Buffer.concat(parts));
}
