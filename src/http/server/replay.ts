import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Changes, Clock } from '../../domain/ports.js';
import type { Replay, Replayable } from '../reply/context.js';

/** What is done beside each answer: an id for it, and a note of it, with the seconds that it took. */
export interface Observed {
  readonly nextId: () => string;
  readonly note: (status: number, seconds: number) => void;
}

/** What decides whether an answer may be given again. */
export interface ReplayFacts {
  readonly method: string;
  /** The client has given the request an id, which its answer repeats and the log has. */
  readonly hasId: boolean;
  /** The client asks whether something has changed since a date, which is compared with the present. */
  readonly comparesDates: boolean;
  /** While the token is surely the same caller's; null if each request has to be looked at. */
  readonly caller: Replay | null;
  readonly answer: {
    /** It was given before: an answer that nobody asks for again is not worth keeping. */
    readonly isKnown: boolean;
    /** It says when its content changed: until that can be said, it would be another answer a second later. */
    readonly isDated: boolean;
    /** When it will be another one by the passing of time, in ms since the epoch. */
    readonly until: number;
  };
}

/** While an answer may be given again to the same request; null: never. */
export function replayOf({ method, hasId, comparesDates, caller, answer }: ReplayFacts): Replay | null {
  const isPlain = method === 'GET' && !hasId && !comparesDates;
  if (caller === null || !isPlain || !answer.isKnown || !answer.isDated) return null;
  return { ...caller, until: Math.min(caller.until, answer.until) };
}

/** The answers of requests that come again and again, byte by byte the same: the next ones need not be read. */
export interface Replays {
  /** Answers a request that was answered before; false: somebody has to look at it. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
  keep(incoming: IncomingMessage, replayable: Replayable, observed: Observed): void;
  /** Forgets all answers, since other settings are in effect. */
  clear(): void;
}

interface Kept {
  readonly sizeBytes: number;
  readonly replay: Replay;
  readonly send: (outgoing: ServerResponse) => void;
}

/** Thousands of short lists. Longer ones gain nothing here, as what they take is sending them. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What an entry takes beside its body and its key. */
const ENTRY_BYTES = 1_000;

/** The two headers that are each answer's own. */
const ID = 'X-Request-Id';
const LENGTH = 'Content-Length';

export function createReplays({ changes, clock }: { readonly changes: Changes; readonly clock: Clock }): Replays {
  const replays = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ sizeBytes }, key) => ENTRY_BYTES + key.length + sizeBytes,
  });
  const isGood = ({ replay }: Kept): boolean => {
    const now = clock();
    if (now < replay.from || now >= replay.until) return false;
    try {
      return changes.current() === replay.stamp;
    } catch {
      return false; // an index that can't be read any longer: whoever looks at the request says so
    }
  };
  return {
    answer(incoming, outgoing) {
      const key = keyOf(incoming);
      const kept = replays.get(key);
      if (kept === undefined) return false;
      if (!isGood(kept)) {
        replays.delete(key);
        return false;
      }
      kept.send(outgoing);
      return true;
    },
    keep: (incoming, replayable, observed) => void replays.set(keyOf(incoming), sending(replayable, observed)),
    clear: () => replays.clear(),
  };
}

/** All that an answer can depend on but the time and the index; no part contains a newline, so the key is unambiguous. */
function keyOf({ method, url, rawHeaders }: IncomingMessage): string {
  return `${method} ${url}\n${rawHeaders.join('\n')}`;
}

function sending({ replay, status, headers, body, sizeBytes }: Replayable, { nextId, note }: Observed): Kept {
  // Written out by `writeHead` before the next answer fills in its own id and length.
  const lasting = Object.entries(headers).filter(([name]) => name !== ID && name !== LENGTH);
  const head = [ID, '', ...lasting.flat()];
  if (body !== null) head.push(LENGTH, '');
  return {
    sizeBytes,
    replay,
    send(outgoing) {
      const startedAt = performance.now();
      const secondsSpent = () => (performance.now() - startedAt) / 1000;
      head[1] = nextId();
      if (body === null) {
        outgoing.writeHead(status, head).end();
      } else {
        const text = body(secondsSpent());
        head[head.length - 1] = `${text.length}`;
        outgoing.writeHead(status, head).end(text, 'latin1');
      }
      note(status, secondsSpent());
    },
  };
}
