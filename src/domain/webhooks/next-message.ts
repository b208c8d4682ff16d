import type { DescribedImage } from '../description/short-description.js';
import {
  type ChangesFrom,
  changesFrom,
  endOfHistory,
  type GoneReason,
  type ListHistory,
  pointAfter,
} from '../lists/change-point.js';
import type { Space, SpaceState } from '../model/space.js';
import { stateNews, type ToldState, toldStateOf } from './told-state.js';
import { type ImageEvent, type WebhookEvent, type WebhookInterest, wantsImages } from './webhook.js';

/** How far the history of a space's list has been told; see `ChangePoint`. */
export interface FeedPlace {
  readonly revision: number;
  readonly upTo: number | null;
  readonly begun: number;
  /** Images with ids above this one are new. It moves once everything is told, so that none is missed. */
  readonly seenId: number;
  /** How often the index had gone back to an earlier state. */
  readonly epoch: number;
}

/** How far a webhook has been told of a space. */
export interface WebhookPlace extends FeedPlace {
  readonly told: ToldState;
}

/** An image in the order of its space's changes, as it is now. */
export interface FeedRow {
  readonly image: DescribedImage;
  readonly revision: number;
  /** null: it is shown. */
  readonly removedAt: number | null;
}

interface Message {
  /** The same with every try. */
  readonly id: string;
  /** When it was made, in ms since the epoch. */
  readonly at: number;
}

/**
 * A message that has to be taken before anything later is told. It ends at a fixed place, so that no try under the same
 * id tells more than one before, which a receiver may have taken.
 */
export type Pending = Message &
  /** `count` is that of its images. */
  (
    | { readonly kind: 'images'; readonly to: FeedPlace; readonly count: number }
    | { readonly kind: 'reset'; readonly to: FeedPlace; readonly reason: GoneReason }
    | {
        readonly kind: 'state';
        readonly type: WebhookEvent;
        readonly told: ToldState;
        readonly state: SpaceState;
        readonly message: string;
      }
  );

/** Images told in one message: some tens of KiB, which every receiver takes. */
export const IMAGES_A_MESSAGE = 100;

/** What the index says of a space that a webhook is told of. */
export interface FeedSource {
  readonly space: Space;
  /** The last removal that is forgotten: its revision, or 0. */
  readonly forgotten: number;
  /** The largest id that an image has. */
  readonly lastId: number;
  /** How often the index has gone back to an earlier state, after which what was told is no longer true. */
  readonly epoch: number;
}

export type NextStep =
  | { readonly kind: 'idle' }
  /** Nothing of this is told to this webhook. */
  | { readonly kind: 'advance'; readonly place: WebhookPlace }
  | { readonly kind: 'send'; readonly pending: Pending; readonly type: MessageType; readonly rows: readonly FeedRow[] };

/** It takes these images to decide what is next. */
export interface ImagesNeeded {
  readonly kind: 'read';
  readonly from: ChangesFrom;
  readonly limit: number;
  /** Decides once they have been read, in the order of changes and at the moment at which the rest was. */
  decide(rows: readonly FeedRow[]): NextStep;
}

export type MessageType = WebhookEvent | 'space.reset';

/** Where a webhook begins with a space that is newer than itself. */
export function startOf(space: Pick<Space, 'revision'>): WebhookPlace {
  return { revision: 0, upTo: null, begun: space.revision, seenId: 0, epoch: 0, told: 'good' };
}

/** Where a new webhook begins with a space that is known already. */
export function presentOf({ space, lastId, epoch }: Omit<FeedSource, 'forgotten'>): WebhookPlace {
  return { revision: space.revision, upTo: null, begun: 0, seenId: lastId, epoch, told: toldStateOf(space) };
}

/** Returns the place once a message was taken. */
export function placeAfter(place: WebhookPlace, pending: Pending): WebhookPlace {
  return pending.kind === 'state' ? { ...place, told: pending.told } : { ...pending.to, told: place.told };
}

/** Decides what a webhook is told next of a space: what is pending, then its condition, then its images. */
export function nextStep(
  hook: WebhookInterest,
  place: WebhookPlace,
  pending: Pending | null,
  source: FeedSource,
  message: Message,
): NextStep | ImagesNeeded {
  if (pending !== null) return again(place, pending, source);
  const { space } = source;
  const news = stateNews(space, place.told);
  if (news !== null) {
    if (!hook.events.includes(news.type)) return { kind: 'advance', place: { ...place, told: news.told } };
    return { kind: 'send', pending: { ...message, kind: 'state', ...news }, type: news.type, rows: [] };
  }
  const isUpToDate = place.upTo === null && place.revision === space.revision && place.epoch === source.epoch;
  if (isUpToDate) return { kind: 'idle' };
  const present = { ...presentOf(source), told: place.told };
  if (!wantsImages(hook)) return { kind: 'advance', place: present };
  const from = readingFrom(place, source);
  if (typeof from === 'string') {
    return {
      kind: 'send',
      pending: { ...message, kind: 'reset', to: feedOf(present), reason: from },
      type: 'space.reset',
      rows: [],
    };
  }
  const decide = (rows: readonly FeedRow[]) => begin(hook, place, source, message, from, rows);
  return { kind: 'read', from, limit: IMAGES_A_MESSAGE + 1, decide };
}

/** A first message of images; one more than it may have tells if there are others. */
function begin(
  hook: WebhookInterest,
  place: WebhookPlace,
  source: FeedSource,
  message: Message,
  from: ChangesFrom,
  read: readonly FeedRow[],
): NextStep {
  const [first] = read;
  if (first === undefined) return { kind: 'advance', place: { ...presentOf(source), told: place.told } };
  const type = typeOf(first, place);
  const run = runOf(read.slice(0, IMAGES_A_MESSAGE), place);
  const last = run.at(-1) as FeedRow;
  const isAll = run.length === read.length;
  const point = isAll
    ? endOfHistory(historyOf(source))
    : pointAfter(historyOf(source), from, { id: last.image.id, revision: last.revision });
  const { revision, upTo, begun } = point;
  const to = { revision, upTo, begun, seenId: isAll ? source.lastId : place.seenId, epoch: source.epoch };
  if (!hook.events.includes(type)) return { kind: 'advance', place: { ...to, told: place.told } };
  return { kind: 'send', pending: { ...message, kind: 'images', to, count: run.length }, type, rows: run };
}

/** A further try of a message: images that have changed since are told by a later one. */
function again(place: WebhookPlace, pending: Pending, source: FeedSource): NextStep | ImagesNeeded {
  if (pending.kind === 'state') return { kind: 'send', pending, type: pending.type, rows: [] };
  if (pending.kind === 'reset') return { kind: 'send', pending, type: 'space.reset', rows: [] };
  const from = readingFrom(place, source);
  // What would have been told can't be read any more: the next step says so.
  if (typeof from === 'string') return { kind: 'advance', place };
  const decide = (read: readonly FeedRow[]): NextStep => {
    const rows = read.filter((row) => isWithin(row, pending.to));
    // What was left out may be new to the receiver, who perhaps never got the first try.
    const kept = rows.length < pending.count ? withSeen(pending, place.seenId, rows.length) : pending;
    const [first] = rows;
    if (first === undefined) return { kind: 'advance', place: placeAfter(place, kept) };
    return { kind: 'send', pending: kept, type: typeOf(first, place), rows };
  };
  return { kind: 'read', from, limit: IMAGES_A_MESSAGE, decide };
}

function withSeen(pending: Pending & { readonly kind: 'images' }, seenId: number, count: number): Pending {
  return { ...pending, to: { ...pending.to, seenId }, count };
}

function isWithin({ revision, image }: FeedRow, to: FeedPlace): boolean {
  return revision < to.revision || (revision === to.revision && (to.upTo === null || image.id <= to.upTo));
}

/** The first images that are told by one type of message: the order of changes is kept. */
function runOf(rows: readonly FeedRow[], place: FeedPlace): readonly FeedRow[] {
  const type = rows[0] && typeOf(rows[0], place);
  const end = rows.findIndex((row) => typeOf(row, place) !== type);
  return end === -1 ? rows : rows.slice(0, end);
}

function typeOf({ image, removedAt }: FeedRow, { seenId }: FeedPlace): ImageEvent {
  if (removedAt !== null) return 'image.deleted';
  return image.id > seenId ? 'image.created' : 'image.changed';
}

/** The place is a row of the index itself, so it is always of its present run. */
function readingFrom(place: FeedPlace, source: FeedSource): ChangesFrom | GoneReason {
  if (place.epoch < source.epoch) return 'other-history';
  const history = historyOf(source);
  const { revision, upTo, begun } = place;
  return changesFrom({ run: history.run, space: history.space, revision, upTo, begun }, history);
}

function historyOf({ space, forgotten }: FeedSource): ListHistory {
  return { run: '', hasRun: () => true, space: space.id, revision: space.revision, forgotten };
}

function feedOf({ revision, upTo, begun, seenId, epoch }: FeedPlace): FeedPlace {
  return { revision, upTo, begun, seenId, epoch };
}
