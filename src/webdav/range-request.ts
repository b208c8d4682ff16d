import type { ListingFailure } from '../domain/model/listing.js';
import type { Clock } from '../domain/ports/clock.js';
import { resultOf } from './asking.js';
import type { Exchange } from './auth/exchange.js';
import { connectionFailure } from './failure/connection-failure.js';
import type { Failed } from './failure/failure.js';
import type { Gate } from './gate/gate.js';
import { type AskedRange, isAll, judgeRangeAnswer, type RangeVerdict, rangeInWords } from './ranges/judge-answer.js';
import { createPieces } from './ranges/pieces.js';
import { type ShownFile, strongEtag } from './ranges/sameness.js';
import { type BodyReader, type DavAnswer, deadlineIn } from './transport/transport.js';

export interface RangeRequestDeps {
  readonly exchange: Exchange;
  readonly gate: Gate;
  /** The percent-encoded path, sent unchanged in the request line. */
  readonly path: string;
  readonly userAgent: string;
  readonly totalMs: number;
  readonly clock: Clock;
  /** Called for each attempt; see `WebdavOptions`. */
  readonly onRequest?:
    | ((outcome: ListingFailure | 'answered', seconds: number, askedAt: number | null) => void)
    | undefined;
}

/** What one request for some bytes brought; `isSent` is false if the host's gate let nothing through. */
export type Opened = { readonly isSent: boolean } & (
  | Part
  | WholeBody
  | Extract<RangeVerdict, { readonly kind: 'beyond' | 'changed' | 'failed' }>
);

/** Just the bytes that a 206 announced. */
interface Part {
  readonly kind: 'part';
  readonly bytes: Uint8Array;
  readonly shown: ShownFile;
}

/** The body of the whole file, or of all that follows, on a connection that is kept until it is closed. */
export interface WholeBody {
  readonly kind: 'whole' | 'rest';
  readonly shown: ShownFile;
  /** Returns as many bytes as asked for; fewer at the end of the body. */
  take(count: number): Promise<Uint8Array | Failed>;
  receivedBytes(): number;
  close(): Promise<void>;
}

/**
 * Sends one GET with a Range (RFC 9110 14.2), without any retry, once no listing of the host waits any longer. From the
 * first byte on without an end there is none: that is all of the file.
 */
export function createRangeRequest(
  deps: RangeRequestDeps,
): (asked: AskedRange, signal: AbortSignal) => Promise<Opened> {
  const { exchange, gate, path, userAgent, totalMs, clock } = deps;

  return async (asked, signal) => {
    const entry = await gate.enter(signal, 'last');
    if ('refusal' in entry) {
      const failed: Failed = { failure: 'busy', detail: entry.refusal, trouble: { kind: 'permanent' } };
      return { kind: 'failed', isSent: false, failed };
    }
    const ending = new AbortController();
    const abort = () => ending.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const startedAt = performance.now();
    const answered = followAnswer(asked, ending.signal);
    const request = { method: 'GET', path, headers: headersFor(asked, userAgent), body: '' };
    const ended = exchange(
      { ...request, readerOf: answered.readerOf, deadline: deadlineIn(totalMs) },
      ending.signal,
    ).then(answered.end, answered.breakOff);
    /** Once the answer is over, or nobody wants the rest: the host's next request may enter. */
    const left = ended
      .then((end) => {
        const failed = end.kind === 'failed' ? end.failed : null;
        deps.onRequest?.(failed?.failure ?? 'answered', (performance.now() - startedAt) / 1_000, null);
        entry.leave(failed === null ? 'let through' : resultOf(failed, clock(), 0));
      })
      .catch(() => entry.leave('failed'))
      .finally(() => signal.removeEventListener('abort', abort));
    const head = await Promise.race([ended, answered.whole]);
    if (!isLong(head)) {
      await left;
      return { ...head, isSent: true };
    }
    return {
      kind: head.kind,
      isSent: true,
      shown: head.shown,
      receivedBytes: () => answered.pieces.receivedBytes,
      async take(count) {
        const piece = await answered.pieces.take(count);
        if (piece.length === count) return piece;
        const end = await ended;
        return end.kind === 'failed' ? end.failed : piece;
      },
      async close() {
        ending.abort(NOT_WANTED);
        await left;
      },
    };
  };
}

/** Why a request ends whose answer is good, but of which nobody reads the rest. */
const NOT_WANTED = new Error('the rest of the body is not wanted');

function headersFor(asked: AskedRange, userAgent: string): Readonly<Record<string, string>> {
  const plain = { Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': userAgent };
  if (isAll(asked)) return plain;
  const etag = strongEtag(asked.first);
  return {
    ...plain,
    Range: rangeInWords(asked),
    ...(etag === null ? {} : { 'If-Range': etag }),
  };
}

type Whole = Extract<RangeVerdict, { readonly kind: 'whole' | 'rest' }>;
type Ended = Exclude<RangeVerdict, { readonly kind: 'part' }> | Part;

/** Whether the body is taken piece by piece, since it may be of any length. */
function isLong(of: RangeVerdict | Ended | null): of is Whole {
  return of?.kind === 'whole' || of?.kind === 'rest';
}

/** Follows an answer from its head to its end. */
function followAnswer(asked: AskedRange, ending: AbortSignal) {
  const pieces = createPieces();
  let verdict: RangeVerdict | null = null;
  let part: Promise<Uint8Array> | null = null;
  let onWhole: (verdict: Whole) => void = () => undefined;
  const whole = new Promise<Whole>((resolve) => {
    onWhole = resolve;
  });

  /** One byte more than is due is asked for, so that the end of the body is waited for, and anything behind it is seen. */
  const takePart = async (due: number) => {
    const bytes = await pieces.take(due + 1);
    pieces.finish();
    return bytes;
  };
  const judged = async (of: RangeVerdict): Promise<Ended> => {
    if (of.kind !== 'part') return of;
    const bytes = (await part) ?? NOTHING;
    if (bytes.length === of.lengthBytes) return { kind: 'part', bytes, shown: of.shown };
    const isMore = bytes.length > of.lengthBytes;
    const detail = `the body has ${isMore ? 'more' : 'fewer'} than the ${of.lengthBytes} bytes of its Content-Range`;
    if (isMore) return { kind: 'failed', failed: { failure: 'malformed', detail, trouble: { kind: 'permanent' } } };
    return { kind: 'failed', failed: { failure: 'truncated', detail, trouble: { kind: 'cut' } } };
  };

  return {
    pieces,
    /** Resolves once an answer begins that has the whole file in it, or all that follows. */
    whole,
    readerOf(answer: DavAnswer): BodyReader | null {
      if (answer.status !== 200 && answer.status !== 206) return null;
      verdict = judgeRangeAnswer(answer, asked);
      if (verdict.kind === 'part') part = takePart(verdict.lengthBytes);
      if (isLong(verdict)) onWhole(verdict);
      return verdict.kind === 'part' || isLong(verdict) ? pieces : UNWANTED;
    },
    end(answer: DavAnswer): Promise<Ended> {
      pieces.finish();
      return judged(verdict ?? judgeRangeAnswer(answer, asked));
    },
    async breakOff(error: unknown): Promise<Ended> {
      pieces.finish();
      if (ending.aborted && ending.reason === NOT_WANTED && isLong(verdict)) return verdict;
      ending.throwIfAborted();
      return { kind: 'failed', failed: connectionFailure(error, verdict === null ? 'head' : 'body') };
    },
  };
}

const NOTHING = new Uint8Array(0);
const UNWANTED: BodyReader = { write: () => false };
