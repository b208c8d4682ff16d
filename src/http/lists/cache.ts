import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { DescribedImage } from '../../domain/description/short-description.js';
import { type ImageField, type ImageQuery, keyOf, type SortKey } from '../../domain/lists/image-list.js';
import { type ListGrammar, orderOf } from '../../domain/lists/list-grammar.js';
import { type Space, type SpaceState, stateEndsAt, stateOf } from '../../domain/model/space.js';
import type { StaleServing } from '../../domain/policy/stale-serving.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageList } from '../../domain/ports/image-catalogue.js';
import { type ImageJson, withOvf } from '../../wire/image.js';
import { type Coding, type EncodedStart, encodeStart } from '../reply/coding.js';
import type { SettingsInEffect } from '../reply/context.js';
import type { Links } from '../reply/links.js';
import { positionOf } from '../reply/paging.js';
import type { Parsed } from '../reply/query-string.js';
import { createLately } from '../server/replay.js';
import { columnsFor, createItemWriter, headersOf, JSON_FORM, type ListForm, renderList } from './render.js';
import { createValidators, type NoSpace, newRun, type Validators } from './validators.js';

/** A prepared answer with an image list, of which only the end varies. */
export interface ListAnswer extends Validators {
  /** Headers besides the validators. */
  readonly headers: Readonly<Record<string, string>>;
  /** As in `Parameters`. */
  readonly ignored: readonly string[];
  /** Opens a list that is too long to be prepared; null for others. */
  readonly open: (() => Promise<OpenList>) | null;
  /** Returns the encoded start, which is encoded once and kept. */
  start(coding: Coding): Promise<EncodedStart>;
  /** Whether the same question was answered before. */
  readonly isKnown: boolean;
  /** When it will change although nothing is written, since its state depends on the time; in ms since the epoch. */
  readonly until: number;
  /** Whether nobody could say if it is still true, since the index is away. */
  readonly isUnasked: boolean;
}

/** A long list, perhaps at a newer revision than the answer that it belongs to. */
export interface OpenList extends Pick<Validators, 'etag' | 'modified' | 'syncedOn'> {
  /** Produces the whole body piece by piece; a reader that begins it must end it. */
  text(seconds: () => number): AsyncGenerator<string, void>;
}

/** How long lists are recognised and read. */
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

/** A query as it was received. */
export interface AskedList {
  readonly user: string;
  /** The whole address; the same address from the same user must mean the same query. */
  readonly url: string;
  /** The stamp of `Changes` at some time after the query arrived. */
  readonly stamp: number;
  /** Called on a cache miss. */
  readonly parse: () => Parsed<ImageQuery>;
  readonly form: ListForm;
  readonly links: () => Links;
  /** Whether the client has been told more of its space than this. */
  readonly isBehind?: (space: Space | null) => boolean;
  /** Whether the client may have been told more, if that can't be told from what it shows; as `isBehind` if left out. */
  readonly mayBeBehind?: (space: Space | null) => boolean;
}

type ListOf<Row> = Omit<ImageList, 'images'> & { readonly images: readonly Row[] };

/** A query as it was parsed. */
type Question = Exclude<Parsed<ImageQuery>, { faults: unknown }>;
type Faults = Extract<Parsed<ImageQuery>, { faults: unknown }>;

/** Size of the answers in memory; a list of 1,000 images is some 200 KB, so this holds hundreds of users' lists. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Size of an entry beyond its bytes and its key; limits short lists under ever new queries. */
const ENTRY_BYTES = 1_000;

type State = SpaceState | NoSpace;

/** The list of a user without a space. */
const EMPTY_LIST = { space: null, images: [], place: { total: 0, hasBefore: false, hasAfter: false } };

/** A list at one revision of its space. */
interface Entry {
  readonly question: Question;
  /** null: it is too long to be prepared. */
  readonly start: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** null: the user has no space. */
  readonly space: Space | null;
  readonly encoded: Map<Coding, EncodedStart>;
  /**
   * The stamp of `Changes` before the list or, later, its space was read: while it stays the same, nothing has changed.
   */
  stamp: number;
  /** The last answer, as long as it is still right. */
  answer: { readonly state: State; readonly answer: ListAnswer } | null;
}

/**
 * Answers image lists from bytes that are kept as long as their space's revision is the same. Nothing is read if
 * nothing was written since the last answer, and only the space if its revision is the same, so what was prepared
 * before a commit is never sent after it. An answer is kept once its query comes again, and the least recently used are
 * dropped first: of queries that all differ, keeping every answer took half of the answers per second.
 */
export function createListCache<Row extends DescribedImage>(deps: {
  readonly catalogue: {
    space(user: string): Promise<Space | null>;
    images(user: string, query: ImageQuery, atMost?: number, stamp?: number): Promise<ListOf<Row> | null>;
  };
  /** null: every list is prepared. */
  readonly longLists: LongLists | null;
  /** The grammar, whose order is that of the catalogue's lists. */
  readonly grammar: ListGrammar<ImageField, SortKey>;
  readonly itemOf: (image: Row) => ImageJson;
  /** The names of an item's fields. */
  readonly columns: readonly string[];
  readonly clock: Clock;
  readonly inEffect: Pick<SettingsInEffect, 'syncIntervalMs'>;
  /** The run that its ETags are of; one of its own if left out. */
  readonly run?: string;
  /** The state of a user without a space; `none` if left out. */
  readonly stateOfNone?: NoSpace;
  /** When a list is given that can't be compared with the index; never if null or left out. */
  readonly stale?: StaleServing | null;
}): (asked: AskedList) => Promise<ListAnswer | Faults> {
  const { catalogue, longLists, grammar, columns, clock, inEffect, stateOfNone = 'none', stale = null } = deps;
  const validatorsOf = createValidators(deps.run ?? newRun());
  const write = createItemWriter(deps.itemOf);
  const writeShort = (form: ListForm, image: Row) => form.item(withOvf(deps.itemOf(image), image));
  const entries = new LRUCache<string, Entry>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ start, encoded }, key) =>
      ENTRY_BYTES +
      key.length +
      (start ?? '').length +
      [...encoded.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });

  const isAgain = createLately();

  /** Reads a list; what the index has in memory is true under the stamp, and yet may be older than what the client was told. */
  const find = async ({ user, stamp, isBehind }: AskedList, query: ImageQuery): Promise<ListOf<Row> | null> => {
    const found = await catalogue.images(user, query, longLists?.above, stamp);
    const isTooOld = isBehind?.(found?.space ?? null) === true;
    return isTooOld ? await catalogue.images(user, query, longLists?.above) : found;
  };

  const read = async (asked: AskedList): Promise<Entry | Faults> => {
    const { user, form, links, parse } = asked;
    const question = parse();
    if ('faults' in question) return question;
    const { query, ignored } = question;
    const { space, images, place } = (await find(asked, query)) ?? EMPTY_LIST;
    const isLong = query.page === undefined && images.length < place.total;
    if (isLong) return entryOf(asked, question, space, null, headersOf(form, place.total, ignored));
    const position = query.page && positionOf(query.page, place, images, orderOf(grammar, query.sort), keyOf);
    const items = images.map(
      query.withShort === true ? (image) => writeShort(form, image) : (image) => write(form, image),
    );
    const about = { links: links(), columns: columnsFor(query, columns), user, position, total: place.total, ignored };
    const { start, headers } = renderList(form, items, about);
    return entryOf(asked, question, space, start, headers);
  };

  /** Returns the kept list if it is still true under a later stamp, or otherwise a new one. */
  const renew = async (asked: AskedList, entry: Entry): Promise<Entry | Faults> => {
    const space = await catalogue.space(asked.user);
    const isSame = space?.id === entry.space?.id && space?.revision === entry.space?.revision;
    return isSame ? { ...entry, space, stamp: asked.stamp, answer: null } : read(asked);
  };

  const encode = async (entry: Entry, key: string, coding: Coding): Promise<EncodedStart> => {
    const encoded = await encodeStart(coding, entry.start ?? '');
    entry.encoded.set(coding, encoded);
    // Set again, as its size has grown.
    if (entries.peek(key) === entry) entries.set(key, entry);
    return encoded;
  };

  const stateNow = (space: Space | null): State =>
    space === null ? stateOfNone : stateOf(space, clock(), inEffect.syncIntervalMs);

  const answerOf = (entry: Entry, key: string, asked: AskedList, state: State): ListAnswer => {
    const { space, headers, question, start } = entry;
    const { form } = asked;
    // A checksum of the address distinguishes the ETag from those of other queries.
    const tag = `${crc32(asked.url).toString(36)}${form === JSON_FORM ? '' : `-${form.name}`}`;
    const { ignored, query } = question;
    const validators = validatorsOf(space, state, tag);
    return {
      etag: validators.etag,
      changedAt: validators.changedAt,
      modified: validators.modified,
      syncedOn: validators.syncedOn,
      end: form.hasEnd ? validators.end : () => '',
      headers,
      ignored,
      open:
        start !== null || longLists === null
          ? null
          : () => longLists.open(asked, ignored, query, (newer) => validatorsOf(newer, stateNow(newer), tag)),
      start: async (coding) => entry.encoded.get(coding) ?? encode(entry, key, coding),
      isKnown: false,
      isUnasked: false,
      until:
        space === null || state === 'none' || state === 'unlinked'
          ? Number.POSITIVE_INFINITY
          : stateEndsAt(space, state, inEffect.syncIntervalMs),
    };
  };

  /** Returns the answer with a list that could not be renewed because of this error; throws that if it must not be given. */
  const answerUnasked = (entry: Entry, key: string, asked: AskedList, error: unknown): ListAnswer => {
    const { space, start } = entry;
    const isBehind = asked.isBehind?.(space) === true || asked.mayBeBehind?.(space) === true;
    if (start === null || isBehind || stale?.mayServe(error, entry.stamp) !== true) throw error;
    stale.noteServed(error);
    const answer = answerOf(entry, key, asked, 'stale');
    // It is another answer than before and afterwards although its list has not changed: no date tells them apart.
    return { ...answer, changedAt: null, modified: '', until: 0, isUnasked: true };
  };

  return async (asked) => {
    const { user, form, url, stamp } = asked;
    const key = `${user}\n${form === JSON_FORM ? '' : form.name}${url}`;
    const kept = entries.get(key);
    const isTrue = kept?.stamp === stamp && asked.isBehind?.(kept.space) !== true;
    let entry: Entry | Faults;
    if (isTrue) entry = kept;
    else if (kept === undefined) entry = await read(asked);
    else {
      try {
        entry = await (stale === null ? renew(asked, kept) : stale.briefly(() => renew(asked, kept)));
      } catch (error) {
        return answerUnasked(kept, key, asked, error);
      }
    }
    if ('faults' in entry) return entry;
    const isKnown = kept !== undefined || isAgain(key);
    if (entry !== kept && isKnown) entries.set(key, entry);
    const state = stateNow(entry.space);
    if (entry.answer?.state === state) return entry.answer.answer;
    const answer = answerOf(entry, key, asked, state);
    if (!isKnown) return answer;
    const known = { ...answer, isKnown: true };
    entry.answer = { state, answer: known };
    return known;
  };
}

/** Written out: spreading objects into one takes longer than all else that an entry needs. */
function entryOf(
  { stamp }: AskedList,
  question: Question,
  space: Space | null,
  start: string | null,
  headers: Readonly<Record<string, string>>,
): Entry {
  return { question, space, start, headers, encoded: new Map(), stamp, answer: null };
}
