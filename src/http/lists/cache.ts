import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type ImageField, type ImageQuery, keyOf, type SortKey } from '../../domain/lists/image-list.js';
import { type ListGrammar, orderOf } from '../../domain/lists/list-grammar.js';
import type { Image } from '../../domain/model/image.js';
import { type Space, type SpaceState, stateEndsAt, stateOf } from '../../domain/model/space.js';
import type { Clock, ImageList } from '../../domain/ports.js';
import { type Coding, type EncodedStart, encodeStart } from '../reply/coding.js';
import type { SettingsInEffect } from '../reply/context.js';
import type { Links } from '../reply/links.js';
import { positionOf } from '../reply/paging.js';
import type { Parsed } from '../reply/query-string.js';
import { createItemWriter, headersOf, JSON_FORM, type ListForm, type RenderedList, renderList } from './render.js';
import { createValidators, type Validators } from './validators.js';

/** An image list as it is answered: only what its end says varies. */
export interface ListAnswer extends Validators {
  /** What it says in headers beside the validators. */
  readonly headers: Readonly<Record<string, string>>;
  /** As in `Parameters`. */
  readonly ignored: readonly string[];
  /** Opens a list that is too long to be prepared; null for any other. */
  readonly open: (() => Promise<OpenList>) | null;
  /** Encoded once and kept. */
  start(coding: Coding): Promise<EncodedStart>;
  /** Whether the same question was answered before. */
  readonly isKnown: boolean;
  /** When it will be another one although nobody writes, since its state depends on the time; in ms since the epoch. */
  readonly until: number;
}

/** A long list, maybe at a newer revision than the answer that it belongs to. */
export interface OpenList extends Pick<Validators, 'etag' | 'modified' | 'syncedOn'> {
  /** All of the body, bit by bit; whoever begins it ends it. */
  text(seconds: () => number): AsyncGenerator<string, void>;
}

/** How long lists are told from others, and read. */
export interface LongLists {
  /** Whole lists of more images are long. */
  readonly above: number;
  open(
    asked: AskedList,
    ignored: readonly string[],
    query: ImageQuery,
    about: (space: Space) => Validators,
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
type Question = Exclude<Parsed<ImageQuery>, { faults: unknown }>;
type Faults = Extract<Parsed<ImageQuery>, { faults: unknown }>;

/** Bytes of answers in memory; a list of 1,000 images is some 200 KB, so this is hundreds of users' lists. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Also a bound for short lists under ever new queries: an entry itself takes some hundred bytes. */
const MAX_LISTS = 20_000;

type State = SpaceState | 'none';

/** What a user without a space has. */
const EMPTY_LIST = { space: null, images: [], place: { total: 0, hasBefore: false, hasAfter: false } };

/** A list at one revision of its space. */
interface Entry extends RenderedList {
  readonly question: Question;
  /** null: the user has none. */
  readonly space: Space | null;
  /** Nothing of it is prepared. */
  readonly isLong: boolean;
  readonly encoded: Map<Coding, EncodedStart>;
  /** That of `Changes` before the list or, later, its space was read: while it stays, nothing has changed. */
  stamp: number;
  /** What was answered last, while nothing else is to be said. */
  answer: { readonly state: State; readonly answer: ListAnswer } | null;
}

/**
 * Answers image lists from bytes that are kept as long as their space's revision stands. Nothing is read if nobody has
 * written since the last answer, and nothing but the space if its revision is the same, so what was prepared before a
 * commit is never given after it. Every answer is kept: the least recently used go first.
 */
export function createListCache<Row extends Image>(deps: {
  readonly catalogue: {
    space(user: string): Promise<Space | null>;
    images(user: string, query: ImageQuery, atMost?: number): Promise<ListOf<Row> | null>;
  };
  /** null: every list is prepared. */
  readonly longLists: LongLists | null;
  /** Its order is that of the catalogue's lists. */
  readonly grammar: ListGrammar<ImageField, SortKey>;
  readonly itemOf: (image: Row) => object;
  /** The names of what an item has. */
  readonly columns: readonly string[];
  readonly clock: Clock;
  readonly inEffect: SettingsInEffect;
}): (asked: AskedList) => Promise<ListAnswer | Faults> {
  const { catalogue, longLists, grammar, columns, clock, inEffect } = deps;
  const validatorsOf = createValidators();
  const write = createItemWriter(deps.itemOf);
  const entries = new LRUCache<string, Entry>({
    max: MAX_LISTS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ start, encoded }, key) =>
      key.length + start.length + [...encoded.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });

  const read = async ({ user, stamp, form, links, parse }: AskedList): Promise<Entry | Faults> => {
    const question = parse();
    if ('faults' in question) return question;
    const { query, ignored } = question;
    const { space, images, place } = (await catalogue.images(user, query, longLists?.above)) ?? EMPTY_LIST;
    const isLong = query.page === undefined && images.length < place.total;
    const common = { question, space, isLong, stamp, encoded: new Map<Coding, EncodedStart>(), answer: null };
    if (isLong) return { ...common, start: '', headers: headersOf(form, place.total, ignored) };
    const position = query.page && positionOf(query.page, place, images, orderOf(grammar, query.sort), keyOf);
    const items = images.map((image) => write(form, image));
    const about = { links: links(), columns, user, position, total: place.total, ignored };
    return { ...common, ...renderList(form, items, about) };
  };

  /** The list that was kept if it is true under a later stamp, too, or a new one. */
  const renew = async (asked: AskedList, entry: Entry): Promise<Entry | Faults> => {
    const space = await catalogue.space(asked.user);
    const isSame = space?.id === entry.space?.id && space?.revision === entry.space?.revision;
    return isSame ? { ...entry, space, stamp: asked.stamp, answer: null } : read(asked);
  };

  const encode = async (entry: Entry, key: string, coding: Coding): Promise<EncodedStart> => {
    const encoded = await encodeStart(coding, entry.start);
    entry.encoded.set(coding, encoded);
    // It is larger now.
    if (entries.peek(key) === entry) entries.set(key, entry);
    return encoded;
  };

  const stateNow = (space: Space | null): State =>
    space === null ? 'none' : stateOf(space, clock(), inEffect.syncIntervalMs);

  const answerOf = (entry: Entry, key: string, asked: AskedList, state: State): ListAnswer => {
    const { space, headers, question, isLong } = entry;
    const { form } = asked;
    // A checksum of the address tells the ETag from those of other questions.
    const tag = `${crc32(asked.url).toString(36)}${form === JSON_FORM ? '' : `-${form.name}`}`;
    const about = (newer: Space) => validatorsOf(newer, stateNow(newer), tag);
    const { ignored, query } = question;
    const validators = validatorsOf(space, state, tag);
    return {
      ...validators,
      end: form.hasEnd ? validators.end : () => '',
      headers,
      ignored,
      open: isLong && longLists !== null ? () => longLists.open(asked, ignored, query, about) : null,
      start: async (coding) => entry.encoded.get(coding) ?? encode(entry, key, coding),
      isKnown: false,
      until:
        space === null || state === 'none'
          ? Number.POSITIVE_INFINITY
          : stateEndsAt(space, state, inEffect.syncIntervalMs),
    };
  };

  return async (asked) => {
    const { user, form, url, stamp } = asked;
    const key = `${user}\n${form === JSON_FORM ? '' : form.name}${url}`;
    const kept = entries.get(key);
    const entry = kept?.stamp === stamp ? kept : await (kept === undefined ? read(asked) : renew(asked, kept));
    if ('faults' in entry) return entry;
    if (entry !== kept) entries.set(key, entry);
    const state = stateNow(entry.space);
    if (entry.answer?.state === state) return entry.answer.answer;
    const answer = answerOf(entry, key, asked, state);
    if (kept === undefined) return answer;
    const known = { ...answer, isKnown: true };
    entry.answer = { state, answer: known };
    return known;
  };
}
