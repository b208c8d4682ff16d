import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Repeatable } from '../reply/context.js';

/** What is done beside each answer: an id for it, and a note of it, with the seconds that it took. */
export interface Observed {
  readonly nextId: () => string;
  readonly note: (status: number, seconds: number) => void;
}

/** The answers of requests that come again and again, byte by byte the same: the next ones need not be read. */
export interface Repeats {
  /** Answers a request that was answered before; false: somebody has to look at it. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
  keep(incoming: IncomingMessage, repeatable: Repeatable, observed: Observed): void;
}

interface Kept {
  readonly sizeBytes: number;
  readonly holds: () => boolean;
  readonly send: (outgoing: ServerResponse) => void;
}

/** Thousands of short lists. Longer ones gain nothing here, as what they take is sending them. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What an entry takes beside its body and its key. */
const ENTRY_BYTES = 1_000;

/** The two headers that are each answer's own. */
const ID = 'X-Request-Id';
const LENGTH = 'Content-Length';

export function createRepeats(): Repeats {
  const repeats = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ sizeBytes }, key) => ENTRY_BYTES + key.length + sizeBytes,
  });
  return {
    answer(incoming, outgoing) {
      const key = keyOf(incoming);
      const kept = repeats.get(key);
      if (kept === undefined) return false;
      if (!isGood(kept)) {
        repeats.delete(key);
        return false;
      }
      kept.send(outgoing);
      return true;
    },
    keep: (incoming, repeatable, observed) => void repeats.set(keyOf(incoming), sending(repeatable, observed)),
  };
}

/** All that an answer can depend on but the time and the index; no part of it holds a line's end. */
function keyOf({ method, url, rawHeaders }: IncomingMessage): string {
  return `${method} ${url}\n${rawHeaders.join('\n')}`;
}

function isGood({ holds }: Kept): boolean {
  try {
    return holds();
  } catch {
    return false; // an index that can't be read any more: whoever looks at the request says so
  }
}

function sending({ status, headers, body, sizeBytes, holds }: Repeatable, { nextId, note }: Observed): Kept {
  // Written out by `writeHead` before the next answer fills in its own id and length.
  const lasting = Object.entries(headers).filter(([name]) => name !== ID && name !== LENGTH);
  const head = [ID, '', ...lasting.flat()];
  if (body !== null) head.push(LENGTH, '');
  return {
    sizeBytes,
    holds,
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
