import { OvadexError } from '../model/errors.js';
import { nameKey } from '../model/image.js';
import type { ResourcePath } from '../model/path.js';
import type { Space } from '../model/space.js';
import { matchesFilter } from './filter.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';
import { MAX_PER_PAGE } from './page.js';

/** An image that is still listed although its storage no longer shows it: its removal is held. */
export interface HeldImage {
  readonly id: number;
  readonly path: ResourcePath;
  readonly name: string;
  readonly sizeBytes: number | null;
  /** When a sync first found it gone, in ms since the epoch; null if an older index didn't note it. */
  readonly missedSince: number | null;
}

export type HeldField = 'path' | 'name' | 'id' | 'size' | 'missed_since';
export type HeldKey = 'path' | 'nameKey' | 'name' | 'id' | 'sizeBytes' | 'missedSince';

/** The images whose removal from a space is held, by path unless another order is requested. */
export const HELD_LIST: ListGrammar<HeldField, HeldKey> = {
  fields: { path: 'text', name: 'name', id: 'integer', size: 'integer', missed_since: 'time' },
  keysOfField: {
    path: ['path'],
    name: ['nameKey', 'name'],
    id: ['id'],
    size: ['sizeBytes'],
    missed_since: ['missedSince'],
  },
  keyTypes: {
    path: 'text',
    nameKey: 'text',
    name: 'text',
    id: 'number',
    sizeBytes: 'number',
    missedSince: 'number',
  },
  byDefault: [{ field: 'path', direction: 'asc' }],
  tieBreak: ['path'],
};

/** A validated query for the held images of a space. */
export interface HeldQuery extends ListQuery<HeldField> {
  /** Texts that must occur in the name, as in `ImageQuery`. */
  readonly nameContains: readonly string[];
}

/** Longer lists are answered only in pages, as each image takes some 200 bytes. */
const MAX_UNPAGED_HELD = 10_000;
/**
 * Longer lists are answered only in pages by path, since any other query checks each image, which takes some 0.1 s for
 * this many.
 */
const MAX_SIFTED_HELD = 50_000;

/**
 * Throws OvadexError `usage` if a query of a space with so many `held` images would take too long. Returns whether that
 * depends on how many it asks for, which are then given to `requireFewHeld`.
 */
export function requireAnswerableHeld(query: HeldQuery, held: number): boolean {
  const { nameContains, filter = [], sort, page } = query;
  const isSifted = nameContains.length + filter.length > 0 || sort.some(({ field }) => field !== 'path');
  if (isSifted && held > MAX_SIFTED_HELD) throw tooLong(`${held} held images are answered only in pages by path`);
  if (page !== undefined || held <= MAX_UNPAGED_HELD) return false;
  if (!isSifted) requireFewHeld(held);
  return isSifted;
}

/** Throws OvadexError `usage` if so many held images are too many for one answer. */
export function requireFewHeld(listed: number): void {
  if (listed > MAX_UNPAGED_HELD) throw tooLong(`${listed} held images are too many for one answer`);
}

function tooLong(what: string): OvadexError {
  return new OvadexError('usage', `${what}; allowed are per_page up to ${MAX_PER_PAGE} with sort=path`);
}

/** Whether a held image matches the query. */
export function matchesHeld({ nameContains, filter = [] }: Omit<HeldQuery, 'sort'>, image: HeldImage): boolean {
  const key = nameKey(image.name);
  const holdsTexts = nameContains.every((text) => key.includes(nameKey(text)));
  return holdsTexts && matchesFilter(HELD_LIST.fields, filter, (field) => heldFieldOf(image, field));
}

function heldFieldOf(image: HeldImage, field: HeldField): KeyValue {
  if (field === 'size') return image.sizeBytes;
  return field === 'missed_since' ? image.missedSince : image[field];
}

export function heldKeyOf(image: HeldImage, key: HeldKey): KeyValue {
  return key === 'nameKey' ? nameKey(image.name) : image[key];
}

/** Returns what an administrator can do about a held removal, with the program's commands; null if none is held. */
export function adviceOnHeld({ user, heldRemovals, isRemovalRefused }: Space): string | null {
  if (heldRemovals === null) return null;
  const accept = `ovadex accept --user ${user}`;
  if (isRemovalRefused) {
    return `they stay until the storage shows them again, as an administrator refused their removal; to remove them after all: ${accept}`;
  }
  return `check that they are really gone; if so: ${accept}; to keep them whatever later syncs find: ovadex keep --user ${user}`;
}
