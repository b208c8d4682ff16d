import type { DateHabit } from '../../domain/description/date-habit.js';
import type { ListedFile } from '../../domain/model/image.js';
import { oneLine } from '../../domain/text/printable.js';
import { type Failed, statusFailure } from '../failure/failure.js';
import type { DavAnswer } from '../transport/transport.js';
import { parseContentRange } from './content-range.js';
import { type ShownFile, shownFile, sizeAlone, whyChanged } from './sameness.js';

/** What the head of an answer to a request for some bytes says. */
export type RangeVerdict =
  /** The body has `lengthBytes` from where it was asked to. */
  | { readonly kind: 'part'; readonly lengthBytes: number; readonly shown: ShownFile }
  /** The body is what follows from where it was asked to, up to the end of the file unless it stops before. */
  | { readonly kind: 'rest'; readonly shown: ShownFile }
  /** The body is the whole file. */
  | { readonly kind: 'whole'; readonly shown: ShownFile }
  /** The file ends before what was asked for. */
  | { readonly kind: 'beyond'; readonly totalBytes: number | null }
  | { readonly kind: 'changed'; readonly detail: string; readonly shown: ShownFile | null }
  | { readonly kind: 'failed'; readonly failed: Failed };

/**
 * The bytes that were asked for, `end` being the one after the last, infinite for all that follow, and what is known of
 * their file.
 */
export interface AskedRange {
  readonly from: number;
  readonly end: number;
  readonly listed: ListedFile;
  /** What the first answer showed; null if this is the first. */
  readonly first: ShownFile | null;
  /** How the storage may date files otherwise than it lists them. */
  readonly habits: readonly DateHabit[];
}

/** Limits a detail, since headers may be long. */
const LONGEST_DETAIL = 160;

/** Judges an answer by its status and headers; nothing of its body has been read yet. */
export function judgeRangeAnswer(answer: DavAnswer, asked: AskedRange): RangeVerdict {
  const { status, headers } = answer;
  if (status === 412) return { kind: 'changed', detail: 'answered 412: it is another file by now', shown: null };
  if (status === 416) {
    const totalBytes = parseContentRange(headers.get('content-range'))?.totalBytes ?? null;
    const why = whyChanged(sizeAlone(totalBytes), asked.listed, asked.first);
    return why === null ? { kind: 'beyond', totalBytes } : { kind: 'changed', detail: why, shown: null };
  }
  if (status !== 200 && status !== 206) {
    return { kind: 'failed', failed: statusFailure(answer, isAll(asked) ? '200 OK' : '206 Partial Content') };
  }
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    return refused(answer, `Content-Encoding is ${encoding}; expected none, as was asked for`);
  }
  return status === 206 ? judgePart(answer, asked) : judgeWhole(answer, asked);
}

/** Whether that is the whole file, for which no range is asked. */
export function isAll({ from, end }: Pick<AskedRange, 'from' | 'end'>): boolean {
  return from === 0 && end === Number.POSITIVE_INFINITY;
}

/** Returns the range as it is asked for: `bytes=0-99`, or `bytes=100-` without an end. */
export function rangeInWords({ from, end }: Pick<AskedRange, 'from' | 'end'>): string {
  return `bytes=${from}-${end === Number.POSITIVE_INFINITY ? '' : end - 1}`;
}

function judgePart(answer: DavAnswer, asked: AskedRange): RangeVerdict {
  const { from, end, listed, first, habits } = asked;
  const expected = rangeInWords(asked).replace('=', ' ');
  const { headers } = answer;
  const type = headers.get('content-type') ?? '';
  if (/^\s*multipart\/byteranges/i.test(type)) return refused(answer, 'answered 206 in several parts; expected one');
  const told = headers.get('content-range');
  const range = parseContentRange(told);
  const part = range?.part ?? null;
  if (range === null || part === null) {
    return refused(answer, `answered 206 with Content-Range ${told ?? 'missing'}; expected ${expected}`);
  }
  const shown = shownFile(answer, range.totalBytes);
  const why = whyChanged(shown, listed, first, habits);
  if (why !== null) return { kind: 'changed', detail: why, shown };
  if (part.from !== from || part.end > end) {
    return refused(answer, `answered with ${told ?? ''}; expected ${expected}`);
  }
  if (end === Number.POSITIVE_INFINITY) return { kind: 'rest', shown };
  return { kind: 'part', lengthBytes: part.end - part.from, shown };
}

function judgeWhole(answer: DavAnswer, { listed, first, habits }: AskedRange): RangeVerdict {
  const length = answer.headers.get('content-length')?.trim() ?? '';
  const shown = shownFile(answer, /^\d{1,15}$/.test(length) ? Number(length) : null);
  const why = whyChanged(shown, listed, first, habits);
  return why === null ? { kind: 'whole', shown } : { kind: 'changed', detail: why, shown };
}

function refused({ blot }: DavAnswer, detail: string): RangeVerdict {
  const told = oneLine(blot(detail), LONGEST_DETAIL);
  return { kind: 'failed', failed: { failure: 'malformed', detail: told, trouble: { kind: 'permanent' } } };
}
