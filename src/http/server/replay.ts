import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../domain/ports/clock.js';
import type { Changes } from '../../domain/ports/image-catalogue.js';
import type { Aside, Replay, Replayable, Resumed } from '../reply/context.js';

/** What accompanies each answer: an id for it, and a note with its status and the seconds that it took. */
export interface Observed {
  readonly nextId: () => string;
  readonly note: (status: number, seconds: number) => void;
}

/** Facts that decide whether an answer may be given again. */
export interface ReplayFacts {
  readonly method: string;
  /** Whether the client has given the request an id, which is repeated in the answer and logged. */
  readonly hasId: boolean;
  /** Whether the client asks for changes since a date, which is compared with the present. */
  readonly comparesDates: boolean;
  /** How long the token is certain to be the same caller's; null if each request has to be examined. */
  readonly caller: Replay | null;
  readonly answer: {
    /** Whether it was given before: an answer that is never asked for again is not worth keeping. */
    readonly isKnown: boolean;
    /** Whether it says when its content changed: as long as it can't, it would be another answer a second later. */
    readonly isDated: boolean;
    /** When the passing of time will make it another answer, in ms since the epoch. */
    readonly until: number;
  };
}

/** Returns how long an answer may be given again to the same request; null if never. */
export function replayOf({ method, hasId, comparesDates, caller, answer }: ReplayFacts): Replay | null {
  const isPlain = method === 'GET' && !hasId && !comparesDates;
  if (caller === null || !isPlain || !answer.isKnown || !answer.isDated) return null;
  return { ...caller, until: Math.min(caller.until, answer.until) };
}

/** Keeps the answers of requests that come again the same, so that the next ones need not be parsed. */
export interface Replays {
  /** Answers a request that was answered before, or puts it aside once more; false if it has to be examined. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, resumed?: Resumed): boolean;
  /** Keeps an answer; after a wait, not before the same is told for the second time. */
  keep(incoming: IncomingMessage, replayable: Replayable, observed: Observed, resumed?: Resumed): void;
  /** Keeps how a request was put aside, once the same comes for the second time. */
  keepAside(incoming: IncomingMessage, aside: Aside): void;
  /** Forgets all answers, when other settings take effect. */
  clear(): void;
}

interface Kept {
  readonly sizeBytes: number;
  readonly replay: Replay;
  /** Returns false if it can't be done now. */
  readonly send: (outgoing: ServerResponse, incoming: IncomingMessage) => boolean;
}

/** A head that is sent again and again, with another id and another length of the body. */
export interface WholeHead {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them; the id is the first value, the length of a body the last. */
  readonly fields: string[];
  /** The same as text: what precedes the id, and what comes between it and the length. */
  readonly beforeId: string;
  readonly afterId: string;
}

/** Sends an answer with the id of its request; the body is Latin-1, one character a byte, or null for none. */
export type SendWhole = (outgoing: ServerResponse, head: WholeHead, id: string, body: string | null) => void;

/** Where Node keeps a head, from `writeHead` until it is sent in one piece with the next text. */
interface Headed {
  _header?: string | null;
}

/** Holds more than ten thousand requests for short lists: users have several clients each, which poll. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Once it is full, one in so many takes the place of those that were asked for least lately. */
const ADMITTED = 16;
/** Size of an entry beyond its body and its key. */
const ENTRY_BYTES = 1_000;

/**
 * Headers that tell clients or single requests apart, and on which no answer depends: all clients of a user share what is
 * kept for one of them, and a client that is traced finds it again. They count as left out in their usual spellings alone.
 */
export const LEFT_OUT = ['User-Agent', 'Accept-Language', 'Traceparent', 'Tracestate'] as const;
const NAMES = new Set(LEFT_OUT.flatMap((name) => [name, name.toLowerCase()]));

/** The two headers that differ in each answer. */
const ID = 'X-Request-Id';
const LENGTH = 'Content-Length';

/** Room for the checksums of what came lately: more than there are lists, in 128 KB. */
const LATELY = 32_768;

/** Keeps answers of up to `maxBytes` in all. */
export function createReplays({
  changes,
  clock,
  maxBytes = MAX_BYTES,
}: {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly maxBytes?: number;
}): Replays {
  const sizeOf = ({ sizeBytes }: Kept, key: string) => ENTRY_BYTES + key.length + sizeBytes;
  const replays = new LRUCache<string, Kept>({ maxSize: maxBytes, sizeCalculation: sizeOf });
  const isGood = ({ replay }: Kept): boolean => {
    const now = clock();
    if (now < replay.from || now >= replay.until) return false;
    try {
      return changes.current() === replay.stamp;
    } catch {
      return false; // the index can no longer be read: the handler of the request reports it
    }
  };
  const sendWhole = createSendWhole();
  let newcomers = 0;
  /**
   * Keeps an answer if there is room, or in place of others. Clients that poll come round in a circle: if it is larger
   * than what is kept, each would push out the very one that comes next, and none would ever be found again.
   */
  const place = (key: string, kept: Kept) => {
    const isFull = replays.calculatedSize + sizeOf(kept, key) > maxBytes;
    if (isFull && !replays.has(key)) {
      const oldest = replays.peek(replays.rkeys().next().value ?? '');
      if (oldest !== undefined && isGood(oldest) && ++newcomers % ADMITTED !== 0) return;
    }
    replays.set(key, kept);
  };
  // Thousands may wait with a token each: what only one of them asks would push out what many ask.
  const isAgain = createLately();
  return {
    answer(incoming, outgoing, resumed) {
      // A limit counts each request.
      if (resumed?.limitHeaders !== undefined) return false;
      const key = keyOf(incoming, resumed);
      const kept = replays.get(key);
      if (kept === undefined) return false;
      if (!isGood(kept)) {
        replays.delete(key);
        return false;
      }
      return kept.send(outgoing, incoming);
    },
    keep(incoming, replayable, observed, resumed) {
      const key = keyOf(incoming, resumed);
      if (resumed === undefined || isAgain(key)) place(key, sending(replayable, observed, sendWhole));
    },
    keepAside(incoming, { replay, wait }) {
      const key = keyOf(incoming, undefined);
      if (!isAgain(key)) return;
      place(key, { sizeBytes: 0, replay, send: (outgoing, again) => wait(again, outgoing) });
    },
    clear: () => replays.clear(),
  };
}

/**
 * Returns all that an answer can depend on except the time and the index; no part contains a newline, so the key is
 * unambiguous. A header that is unknown, malformed, or there twice is part of it as it came.
 */
export function keyOf({ method, url, rawHeaders }: IncomingMessage, resumed: Resumed | undefined): string {
  let asked = `${method} ${url}`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    // Most names are told by their length, without their hash.
    const { length } = name;
    if ((length === 10 || length === 11 || length === 15) && NAMES.has(name)) continue;
    asked += `\n${name}\n${rawHeaders[at + 1]}`;
  }
  if (resumed === undefined) return asked;
  return resumed.isCut ? `cut ${asked}` : `waited ${asked}`;
}

function sending(
  { replay, status, headers, body, sizeBytes }: Replayable,
  { nextId, note }: Observed,
  sendWhole: SendWhole,
): Kept {
  const head = wholeHead(status, headers, body !== null);
  return {
    sizeBytes,
    replay,
    send(outgoing) {
      const startedAt = performance.now();
      const secondsSpent = () => (performance.now() - startedAt) / 1000;
      sendWhole(outgoing, head, nextId(), body === null ? null : body(secondsSpent()));
      note(status, secondsSpent());
      return true;
    },
  };
}

/** Prepares the head of an answer that has been given with these headers. */
export function wholeHead(status: number, headers: Readonly<Record<string, string>>, hasBody: boolean): WholeHead {
  const lasting = Object.entries(headers).filter(([name]) => name !== ID && name !== LENGTH);
  const fields = [ID, '', ...lasting.flat()];
  if (hasBody) fields.push(LENGTH, '');
  const lines = lasting.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return {
    status,
    fields,
    beforeId: `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${ID}: `,
    afterId: `\r\n${lines}${hasBody ? `${LENGTH}: ` : ''}`,
  };
}

/**
 * Creates a function that sends an answer as one text, head and body. `writeHead` examines and joins the same headers each
 * time, and `end` writes the body behind them as a second piece: together they take a third of an answer's processor time. So
 * the text is put where `writeHead` would put the head, with the lines that Node itself has last added for the same second:
 * the date, and that the connection is kept. Any other answer goes the ordinary way: those behind which the connection is
 * closed, those to HTTP/1.0, the first one in each second, and all of them, should Node keep its heads otherwise one day.
 */
export function createSendWhole(now: () => number = Date.now): SendWhole {
  let second = Number.NaN;
  let linesOfNode = '';
  return (outgoing: ServerResponse & Headed, { status, fields, beforeId, afterId }, id, body) => {
    const start = `${beforeId}${id}${afterId}${body === null ? '' : `${body.length}\r\n`}`;
    const isPlain = outgoing.shouldKeepAlive && outgoing.useChunkedEncodingByDefault;
    const thisSecond = Math.floor(now() / 1000);
    if (isPlain && thisSecond === second) {
      outgoing.statusCode = status;
      outgoing._header = `${start}${linesOfNode}${body ?? ''}`;
      outgoing.end();
      return;
    }
    fields[1] = id;
    if (body !== null) fields[fields.length - 1] = `${body.length}`;
    outgoing.writeHead(status, fields);
    const { _header: written } = outgoing;
    if (isPlain && written?.startsWith(start)) {
      linesOfNode = written.slice(start.length);
      second = thisSecond;
    }
    outgoing.end(body ?? undefined, 'latin1');
  };
}

/** Returns a function that tells whether this key came lately, as far as its checksum tells; it has come now. */
export function createLately(): (key: string) => boolean {
  const lately = new Uint32Array(LATELY);
  return (key) => {
    const sum = crc32(key);
    const place = sum % LATELY;
    const is = lately[place] === sum;
    lately[place] = sum;
    return is;
  };
}
