import { CONTENT_HEADERS } from './visit/content-headers.js';
import type { Session } from './visit/sessions.js';
import type { Live, Visit } from './visit/visit.js';

/** One part of a page that somebody looks at. */
export interface Topic {
  /** As the page names it: `name:argument`. */
  readonly text: string;
  /** Streams with the same key are told the same bytes. */
  readonly key: string;
  readonly argument: string;
  readonly show: Live['show'];
}

/** Somebody who looks at parts that move. */
export interface Looker {
  /** The id of the session. */
  readonly owner: string;
  /** Whether the session lives. */
  readonly isAllowed: () => boolean;
  /** Ends the session if its token opens nothing any more. */
  readonly check: () => Promise<void>;
  readonly topics: readonly Topic[];
  /** The visit, at the present time. */
  readonly visit: () => Visit;
}

/** The streams of all pages that move. */
export interface Lives {
  /** Answers with a stream of events, which ends with the session, once every topic is over, and at a stop. */
  open(looker: Looker): Response;
  /** Ends all streams; whoever comes later is told to come back. */
  end(): void;
}

/** As often as a person reads a number that moves. */
const EVERY_MS = 2_000;
/** Proxies end a connection on which nothing comes, the strictest in common use after 30 seconds. */
const BEAT_EVERY_TURNS = 7;
/** What is shared is asked with the token of one for all; so soon nobody whose token was revoked is told it, or asks. */
const CHECK_EVERY_TURNS = 5;
/** A page has one stream, and is looked at in a few windows. */
const STREAMS_OF_AN_OWNER = 8;
/** Each takes a connection and some kilobytes. */
const STREAMS_AT_MOST = 5_000;
/** Writing to one takes some 60 µs: 500 at once would hold up all requests of others for 30 ms. */
const SPREAD_OVER_MS = 1_000;
/** A page has a few parts that move. */
const TOPICS_AT_MOST = 8;
/** What may wait for a reader: whoever is slower misses what was in between, and is told the last. */
const HIGH_WATER_BYTES = 64 * 1_024;
const HEADERS = {
  ...CONTENT_HEADERS,
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Else nginx gathers events until its buffer is full.
  'X-Accel-Buffering': 'no',
};

interface Stream {
  readonly looker: Looker;
  /** What was told last, by topic. */
  readonly told: Map<Topic, string>;
  readonly over: Set<Topic>;
  controller: ReadableStreamDefaultController<Uint8Array> | null;
}
interface Shown {
  readonly data: string;
  readonly isOver: boolean;
}

/**
 * Creates the streams. One timer runs while anybody looks: in a turn each key is shown once, by the visit of whoever came
 * first, and all who look are told the same bytes if these differ from the last.
 */
export function createLive({ everyMs = EVERY_MS, atMost = STREAMS_AT_MOST } = {}): Lives {
  const streams = new Set<Stream>();
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | null = null;
  let turns = 0;
  let isEnded = false;

  const close = (stream: Stream) => {
    if (!streams.delete(stream)) return;
    stream.controller?.close();
  };

  const tell = (stream: Stream, shown: ReadonlyMap<string, Shown | null>) => {
    const { looker, told, over, controller } = stream;
    if (!streams.has(stream) || (controller?.desiredSize ?? 0) <= 0) return;
    let text = turns % BEAT_EVERY_TURNS === 0 ? ':\n\n' : '';
    for (const topic of looker.topics) {
      const now = shown.get(topic.key);
      if (now === null || now === undefined || over.has(topic)) continue;
      if (told.get(topic) !== now.data) text += `data: {"topic":${JSON.stringify(topic.text)},${now.data}}\n\n`;
      told.set(topic, now.data);
      if (now.isOver) over.add(topic);
    }
    const isOver = over.size === looker.topics.length;
    // Else the browser would connect again.
    if (isOver) text += 'event: over\ndata:\n\n';
    if (text !== '') controller?.enqueue(encoder.encode(text));
    if (isOver) close(stream);
  };

  /** Shows whatever these look at, each key once. */
  const showAll = async (some: Iterable<Stream>): Promise<ReadonlyMap<string, Shown | null>> => {
    const coming = new Map<string, Promise<Shown | null>>();
    for (const { looker, over } of some) {
      for (const topic of looker.topics) {
        if (!over.has(topic) && !coming.has(topic.key)) coming.set(topic.key, shownOf(topic, looker.visit()));
      }
    }
    return new Map(await Promise.all([...coming].map(async ([key, shown]) => [key, await shown] as const)));
  };

  const checkAll = async () => {
    const owners = new Map([...streams].map(({ looker }) => [looker.owner, looker]));
    await spread([...owners.values()], ({ check }) => check().catch(() => undefined));
  };

  const turn = async () => {
    turns++;
    if (turns % CHECK_EVERY_TURNS === 0) await checkAll();
    for (const stream of [...streams]) if (!stream.looker.isAllowed()) close(stream);
    const shown = await showAll(streams);
    await spread([...streams], (stream) => tell(stream, shown));
    timer = null;
    goOn();
  };
  const goOn = () => {
    if (streams.size > 0 && !isEnded) timer ??= setTimeout(() => void turn(), everyMs);
  };

  const countOf = (owner: string) => [...streams].filter(({ looker }) => looker.owner === owner).length;

  return {
    open(looker) {
      // A browser takes 204 for an end, and does not come again.
      if (looker.topics.length === 0) return new Response(null, { status: 204, headers: CONTENT_HEADERS });
      if (isEnded || streams.size >= atMost || countOf(looker.owner) >= STREAMS_OF_AN_OWNER) {
        return new Response(null, { status: 503, headers: { ...CONTENT_HEADERS, 'Retry-After': '10' } });
      }
      const stream: Stream = { looker, told: new Map(), over: new Set(), controller: null };
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            stream.controller = controller;
            streams.add(stream);
            controller.enqueue(encoder.encode('retry: 3000\n\n'));
            void showAll([stream]).then((shown) => tell(stream, shown));
            goOn();
          },
          cancel: () => void streams.delete(stream),
        },
        { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.length },
      );
      return new Response(body, { headers: HEADERS });
    },
    end() {
      isEnded = true;
      if (timer !== null) clearTimeout(timer);
      for (const stream of [...streams]) close(stream);
    },
  };
}

/** Does something for each, a few every millisecond: requests of others are answered in between. */
async function spread<One>(all: readonly One[], each: (one: One) => unknown): Promise<void> {
  const atOnce = Math.ceil(all.length / SPREAD_OVER_MS);
  for (let from = 0; from < all.length; from += atOnce) {
    if (from > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all(all.slice(from, from + atOnce).map(each));
  }
}

/** Shows a topic, as the inside of a JSON object; null if that is unknown for now: what was told last stays. */
async function shownOf({ show, argument }: Topic, visit: Visit): Promise<Shown | null> {
  const fragment = await show(visit, argument).catch(() => null);
  if (fragment === null) return null;
  const { body, say = '', isOver = false } = fragment;
  const html = body === null || body === undefined ? '' : await body.toString();
  return { data: `"html":${JSON.stringify(html)},"say":${JSON.stringify(say)},"isOver":${isOver}`, isOver };
}

/** Finds what the topics of a page are about, as far as the session may look at them. */
export function topicsOf(
  lives: ReadonlyMap<string, Live>,
  texts: readonly string[],
  { id, scopes }: Pick<Session, 'id' | 'scopes'>,
): readonly Topic[] {
  return [...new Set(texts)].slice(0, TOPICS_AT_MOST).flatMap((text) => {
    const [name = '', ...others] = text.split(':');
    const live = lives.get(name);
    if (live === undefined) return [];
    const { show, isShared = false } = live;
    if (isShared && !scopes.includes('admin')) return [];
    return [{ text, key: isShared ? text : `${id} ${text}`, argument: others.join(':'), show }];
  });
}
