import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type ImageField, type ImageQuery, keyOf, type SortKey } from '../../domain/lists/image-list.js';
import { type ListGrammar, orderOf } from '../../domain/lists/list-grammar.js';
import type { Image } from '../../domain/model/image.js';
import type { Space } from '../../domain/model/space.js';
import type { Clock, ImageList } from '../../domain/ports.js';
import { toJson } from '../../domain/text/printable.js';
import { type Coding, type EncodedStart, encodeStart } from '../reply/coding.js';
import { ignoredHeader } from '../reply/ignored.js';
import type { Links } from '../reply/links.js';
import { linkHeader, pagesOf, positionOf, TOTAL_HEADER } from '../reply/paging.js';
import type { Parsed } from '../reply/query-string.js';
import { JSON_FORM, type ListForm } from './list-form.js';
import { createAboutSpace } from './list-validators.js';

/** An image list as it is answered: the same bytes each time but for what its end says. */
export interface ListAnswer {
  /** Stands for the content without regard to its coding (RFC 9110 8.8.3): weak, since `meta.time` differs. */
  readonly etag: string;
  /** ms since the epoch; null for a list that is and always was empty. */
  readonly changedAt: number | null;
  /** The same as an HTTP-date (RFC 9110 5.6.7); empty for null. */
  readonly modified: string;
  /** As in `AboutSpace`. */
  readonly syncedOn: string;
  /** What it says in headers beside them. */
  readonly headers: Readonly<Record<string, string>>;
  /** As in `Parameters`. */
  readonly ignored: readonly string[];
  /** Opens a list that is too long to be prepared; null for any other. */
  readonly open: (() => Promise<OpenList>) | null;
  /** Encoded once and kept. */
  start(coding: Coding): Promise<EncodedStart>;
  /** The end, with the seconds that the answer took. */
  end(seconds: number): string;
  /** Whether it would be the same while nobody writes to the index; null: it isn't kept, as hardly anybody asks again. */
  readonly holds: (() => boolean) | null;
}

/** A long list, maybe at a newer revision than the answer that it belongs to. */
export interface OpenList {
  readonly etag: string;
  readonly modified: string;
  readonly syncedOn: string;
  /** All of the body, bit by bit; whoever begins it ends it. */
  text(seconds: () => number): AsyncGenerator<string, void>;
}

/** How long lists are told from others, and read. */
export interface LongLists {
  /** Whole lists of more images are long. */
  readonly above: number;
  open(
    asked: AskedList,
    parsed: Question,
    about: (space: Space) => Pick<OpenList, 'etag' | 'modified' | 'syncedOn'> & Pick<ListAnswer, 'end'>,
  ): Promise<OpenList>;
}

/** A question as it was asked. */
export interface AskedList {
  readonly user: string;
  /** The whole address: the same address of the same user must mean the same question. */
  readonly url: string;
  /** The stamp of `Changes` at some time after the question came. */
  readonly stamp: number;
  /** Called on a cache miss. */
  readonly parse: () => Parsed<ImageQuery>;
  readonly form: ListForm;
  readonly links: () => Links;
}

type ListOf<Row> = Omit<ImageList, 'images'> & { readonly images: readonly Row[] };

/** A question as it was understood. */
export type Question = Exclude<Parsed<ImageQuery>, { faults: unknown }>;
type Faults = Extract<Parsed<ImageQuery>, { faults: unknown }>;

/** Bytes of answers in memory; a list of 1,000 images is some 200 KB, so this is hundreds of users' lists. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Also a bound for short lists under ever new queries: an entry itself takes some hundred bytes. */
const MAX_ANSWERS = 20_000;

/** What a user without a space has. */
const NOTHING = { space: null, images: [], place: { total: 0, hasBefore: false, hasAfter: false } };

/** A list at one revision of its space. */
interface Kept {
  /** That of `Changes` before the list was read: while it stays, nothing has changed. */
  stamp: number;
  /** null: the user has none. */
  space: Space | null;
  /** A checksum of the address, which tells the ETag from those of other questions. */
  readonly question: number;
  readonly form: ListForm;
  readonly ignored: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly start: string;
  /** Of a long list, of which nothing is prepared; null for any other. */
  readonly long: Question | null;
  readonly encoded: Map<Coding, EncodedStart>;
  /** What was answered last, while nothing else is to be said. */
  answer: { readonly state: string; readonly answer: ListAnswer } | null;
}

/**
 * Answers image lists from bytes that are kept as long as their space's revision stands. Nothing is
 * read where nobody has written since the last answer, and nothing but the space where its revision is the same,
 * so what was prepared before a commit is never given after it.
 */
export function createListAnswers<Row extends Image>(deps: {
  readonly catalogue: {
    space(user: string): Promise<Space | null>;
    images(user: string, query: ImageQuery, atMost?: number): Promise<ListOf<Row> | null>;
  };
  /** null: every list is prepared. */
  readonly openList: LongLists | null;
  /** Its order is that of the catalogue's lists. */
  readonly grammar: ListGrammar<ImageField, SortKey>;
  readonly itemOf: (image: Row) => object;
  /** The names of what an item has. */
  readonly columns: readonly string[];
  readonly clock: Clock;
  readonly syncIntervalMs: () => number;
}): (asked: AskedList) => Promise<ListAnswer | Faults> {
  const { catalogue, openList, grammar, itemOf, columns, clock, syncIntervalMs } = deps;
  const { stateOf, about } = createAboutSpace({ clock, syncIntervalMs });
  const answers = new LRUCache<string, Kept>({
    max: MAX_ANSWERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ start, encoded }, key) =>
      key.length + start.length + [...encoded.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });

  /** Of images that come from memory again and again. */
  const texts = new WeakMap<Row, string>();
  const textOf = (image: Row) => {
    const text = texts.get(image) ?? toJson(itemOf(image));
    texts.set(image, text);
    return text;
  };

  const prepare = (
    asked: AskedList,
    { query, ignored }: Question,
    { space, images, place }: ListOf<Row> | typeof NOTHING,
    textOfItem: (image: Row) => string,
  ): Kept => {
    const { user, form } = asked;
    const links = asked.links();
    const position = positionOf(query.page, place, images, orderOf(grammar, query.sort), keyOf);
    const pages = pagesOf(links, images.length, position);
    const items = images.map(textOfItem).join(form.separator);
    const start = form.head(links, columns) + items + form.tail(user, images.length, pages, ignored);
    const headers = headersOf(asked, place.total, ignored);
    if (position !== undefined) Object.assign(headers, linkHeader(pages, position));
    return keep(asked, { space, ignored, headers, start, long: null });
  };

  /** The kept list if it is true under a later stamp, too, or a new one. */
  const refresh = async (asked: AskedList, key: string, kept: Kept): Promise<Kept | Faults> => {
    const { user, stamp } = asked;
    const space = await catalogue.space(user);
    if (space?.id === kept.space?.id && space?.revision === kept.space?.revision) {
      return Object.assign(kept, { space, stamp, answer: null });
    }
    return make(asked, key);
  };

  const make = async (asked: AskedList, key: string): Promise<Kept | Faults> => {
    const parsed = asked.parse();
    if ('faults' in parsed) return parsed;
    const { query, ignored } = parsed;
    const { form } = asked;
    const list = (await catalogue.images(asked.user, query, openList?.above)) ?? NOTHING;
    const { space, place } = list;
    if (query.page === undefined && list.images.length < place.total) {
      const headers = headersOf(asked, place.total, ignored);
      const long = keep(asked, { space, ignored, headers, start: '', long: parsed });
      answers.set(key, long);
      return long;
    }
    const prepared = prepare(asked, parsed, list, form === JSON_FORM ? textOf : (image) => form.item(itemOf(image)));
    answers.set(key, prepared);
    return prepared;
  };

  const encode = async (kept: Kept, key: string, coding: Coding): Promise<EncodedStart> => {
    const encoded = await encodeStart(coding, kept.start);
    kept.encoded.set(coding, encoded);
    // It is larger now.
    if (answers.peek(key) === kept) answers.set(key, kept);
    return encoded;
  };

  const answerOf = (kept: Kept, key: string, asked: AskedList): ListAnswer => {
    const { space, form, ignored, long } = kept;
    const state = stateOf(space);
    if (kept.answer?.state === state) return kept.answer.answer;
    const question = `${kept.question.toString(36)}${form === JSON_FORM ? '' : `-${form.name}`}`;
    const { etag, changedAt, modified, syncedOn, end } = about(space, state, question);
    const answer: ListAnswer = {
      etag,
      changedAt,
      modified,
      syncedOn,
      end: (seconds) => form.end(end(seconds)),
      headers: kept.headers,
      ignored,
      holds: answers.peek(key) === kept ? () => stateOf(space) === state : null,
      open:
        long === null || openList === null
          ? null
          : () => openList.open(asked, long, (newer) => about(newer, stateOf(newer), question)),
      start: async (coding) => kept.encoded.get(coding) ?? encode(kept, key, coding),
    };
    kept.answer = { state, answer };
    return answer;
  };

  return async (asked) => {
    const key = `${asked.user}\n${asked.form === JSON_FORM ? '' : asked.form.name}${asked.url}`;
    const kept = answers.get(key);
    if (kept?.stamp === asked.stamp) return answerOf(kept, key, asked);
    const found = await (kept === undefined ? make(asked, key) : refresh(asked, key, kept));
    return 'faults' in found ? found : answerOf(found, key, asked);
  };
}

function keep(
  { url, stamp, form }: AskedList,
  kept: Pick<Kept, 'space' | 'ignored' | 'headers' | 'start' | 'long'>,
): Kept {
  return { stamp, form, question: crc32(url), ...kept, encoded: new Map(), answer: null };
}

/** Put together one by one, as spreading records takes longer than all else here. */
function headersOf({ form }: AskedList, total: number, ignored: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = { [TOTAL_HEADER]: `${total}` };
  if (ignored.length > 0) Object.assign(headers, ignoredHeader(ignored));
  if (form !== JSON_FORM) headers['Content-Type'] = form.contentType;
  if (form.vary !== null) headers['Vary'] = form.vary;
  return headers;
}
