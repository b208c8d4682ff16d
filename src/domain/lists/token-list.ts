import { type TokenRecord, tokenStateAt } from '../model/token.js';
import { matchesFilter } from './filter.js';
import type { ListGrammar, ListQuery } from './list-grammar.js';
import type { KeyValue } from './order.js';

export type TokenField = 'id' | 'name' | 'created_on' | 'expires_on' | 'last_access' | 'valid' | 'active';
export type TokenKey = 'id' | 'name' | 'createdAt' | 'expiresAt' | 'usedAt';

const YES_OR_NO = ['true', 'false'] as const;

/** A user's tokens, in the terms of the API's clients, the newest first unless another order is requested. */
export const TOKEN_LIST: ListGrammar<TokenField, TokenKey> = {
  fields: {
    id: 'integer',
    name: 'text',
    created_on: 'time',
    expires_on: 'time',
    last_access: 'time',
    valid: YES_OR_NO,
    // The name that the oldest clients use.
    active: YES_OR_NO,
  },
  keysOfField: {
    id: ['id'],
    name: ['name'],
    created_on: ['createdAt'],
    expires_on: ['expiresAt'],
    last_access: ['usedAt'],
    valid: [],
    active: [],
  },
  keyTypes: { id: 'number', name: 'text', createdAt: 'number', expiresAt: 'number', usedAt: 'number' },
  byDefault: [{ field: 'id', direction: 'desc' }],
  tieBreak: ['id'],
};

/** A validated query for the list of a user's tokens. */
export type TokenQuery = ListQuery<TokenField>;

/** Whether a token matches the query. */
export function matchesToken({ filter = [] }: Pick<TokenQuery, 'filter'>, token: TokenRecord, now: number): boolean {
  return matchesFilter(TOKEN_LIST.fields, filter, (field) => {
    if (field === 'valid' || field === 'active') return `${tokenStateAt(token, now) === 'valid'}`;
    const [key = 'id'] = TOKEN_LIST.keysOfField[field];
    return token[key];
  });
}

/** Returns what a token is ordered by; one without a name comes before all others. */
export function tokenKeyOf(token: TokenRecord, key: TokenKey): KeyValue {
  return key === 'name' ? (token.name ?? '') : token[key];
}
