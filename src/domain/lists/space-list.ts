import type { Space } from '../model/space.js';
import { matchesFilter } from './filter.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';

export type SpaceField =
  | 'user'
  | 'images'
  | 'collections'
  | 'revision'
  | 'last_success_on'
  | 'last_sync_on'
  | 'next_sync_on';
export type SpaceKey = 'user' | 'images' | 'collections' | 'revision' | 'lastSuccessAt' | 'lastSyncAt' | 'nextSyncAt';

/** The configured spaces, by user unless another order is requested. */
export const SPACE_LIST: ListGrammar<SpaceField, SpaceKey> = {
  fields: {
    user: 'text',
    images: 'integer',
    collections: 'integer',
    revision: 'integer',
    last_success_on: 'time',
    last_sync_on: 'time',
    next_sync_on: 'time',
  },
  keysOfField: {
    user: ['user'],
    images: ['images'],
    collections: ['collections'],
    revision: ['revision'],
    last_success_on: ['lastSuccessAt'],
    last_sync_on: ['lastSyncAt'],
    next_sync_on: ['nextSyncAt'],
  },
  keyTypes: {
    user: 'text',
    images: 'number',
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
export type SpaceQuery = ListQuery<SpaceField>;

/** Whether a space matches the query. */
export function matchesSpace({ filter = [] }: Pick<SpaceQuery, 'filter'>, space: Space): boolean {
  return matchesFilter(SPACE_LIST.fields, filter, (field) => {
    const [key = 'user'] = SPACE_LIST.keysOfField[field];
    return space[key];
  });
}

export function spaceKeyOf(space: Space, key: SpaceKey): KeyValue {
  return space[key];
}
