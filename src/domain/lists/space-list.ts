import { type Space, type SpaceState, stateOf } from '../model/space.js';
import { matchesFilter } from './filter.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';

export type SpaceField =
  | 'user'
  | 'state'
  | 'images'
  | 'described_images'
  | 'waiting_images'
  | 'incomplete_images'
  | 'broken_images'
  | 'read_bytes'
  | 'collections'
  | 'revision'
  | 'last_success_on'
  | 'last_sync_on'
  | 'next_sync_on';
export type SpaceKey =
  | 'user'
  | 'images'
  | 'describedImages'
  | 'waitingImages'
  | 'incompleteImages'
  | 'brokenImages'
  | 'readBytes'
  | 'collections'
  | 'revision'
  | 'lastSuccessAt'
  | 'lastSyncAt'
  | 'nextSyncAt';

/** All states, from the best to the gravest. */
export const STATES = [
  'fresh',
  'pending',
  'stale',
  'failing',
  'held',
  'suspended',
] as const satisfies readonly SpaceState[];

/** The configured spaces, by user unless another order is requested. */
export const SPACE_LIST: ListGrammar<SpaceField, SpaceKey> = {
  fields: {
    user: 'text',
    state: STATES,
    images: 'integer',
    described_images: 'integer',
    waiting_images: 'integer',
    incomplete_images: 'integer',
    broken_images: 'integer',
    read_bytes: 'integer',
    collections: 'integer',
    revision: 'integer',
    last_success_on: 'time',
    last_sync_on: 'time',
    next_sync_on: 'time',
  },
  keysOfField: {
    user: ['user'],
    // It depends on the time, so that nothing can be in the order of it.
    state: [],
    images: ['images'],
    described_images: ['describedImages'],
    waiting_images: ['waitingImages'],
    incomplete_images: ['incompleteImages'],
    broken_images: ['brokenImages'],
    read_bytes: ['readBytes'],
    collections: ['collections'],
    revision: ['revision'],
    last_success_on: ['lastSuccessAt'],
    last_sync_on: ['lastSyncAt'],
    next_sync_on: ['nextSyncAt'],
  },
  keyTypes: {
    user: 'text',
    images: 'number',
    describedImages: 'number',
    waitingImages: 'number',
    incompleteImages: 'number',
    brokenImages: 'number',
    readBytes: 'number',
    collections: 'number',
    revision: 'number',
    lastSuccessAt: 'number',
    lastSyncAt: 'number',
    nextSyncAt: 'number',
  },
  byDefault: [{ field: 'user', direction: 'asc' }],
  tieBreak: ['user'],
};

/** A validated query for the list of spaces. */
export interface SpaceQuery extends ListQuery<SpaceField> {
  /** When a filter asks for states; without it no list is too old. */
  readonly moment?: SpaceMoment;
}

/** The time, and that between two scheduled syncs, by which a space is fresh or stale; in ms, as in `stateOf`. */
export interface SpaceMoment {
  readonly now: number;
  readonly intervalMs: number;
}

export const TIMELESS: SpaceMoment = { now: 0, intervalMs: Number.MAX_SAFE_INTEGER };

/** Whether a space matches the query. */
export function matchesSpace(
  { filter = [], moment = TIMELESS }: Pick<SpaceQuery, 'filter' | 'moment'>,
  space: Space,
): boolean {
  return matchesFilter(SPACE_LIST.fields, filter, (field) => {
    if (field === 'state') return stateOf(space, moment.now, moment.intervalMs);
    const [key = 'user'] = SPACE_LIST.keysOfField[field];
    return space[key];
  });
}

export function spaceKeyOf(space: Space, key: SpaceKey): KeyValue {
  return space[key];
}
