import { describe, expect, it } from 'vitest';
import { type HeldQuery, requireAnswerableHeld, requireFewHeld } from '../../../src/domain/lists/held-list.js';
import { tooManyToSearch } from '../../../src/domain/lists/image-search.js';
import { requireAnswerableSyncs, requireFewSyncs, type SyncQuery } from '../../../src/domain/lists/sync-list.js';

const page = { number: 1, size: 500, cursor: null };
const asc = (field: string) => [{ field, direction: 'asc' as const }];

describe('a query of held images', () => {
  const by = (changes: object): HeldQuery => ({ nameContains: [], sort: asc('path'), ...changes }) as HeldQuery;
  it.each<[string, HeldQuery, number, number, string | null]>([
    ['a short list', by({}), 10_000, 0, null],
    ['a long one', by({}), 10_001, 0, '10001 held images are too many for one answer'],
    ['a long one in pages', by({ page }), 1_000_000, 0, null],
    ['few of many', by({ nameContains: ['x'] }), 50_000, 10_000, null],
    ['too many of many', by({ nameContains: ['x'] }), 50_000, 10_001, '10001 held images are too many'],
    ['some of too many, in pages', by({ nameContains: ['x'], page }), 50_001, 0, 'answered only in pages by path'],
    ['too many in another order, in pages', by({ sort: asc('size'), page }), 50_001, 0, 'only in pages by path'],
  ])('%s', (_, query, held, matching, refusal) => {
    const ask = () => {
      if (requireAnswerableHeld(query, held)) requireFewHeld(matching);
    };
    if (refusal === null) expect(ask).not.toThrow();
    else expect(ask).toThrow(refusal);
  });
});

describe('a query of syncs', () => {
  const by = (changes: object): SyncQuery => ({ visibleTo: null, sort: asc('id'), ...changes }) as SyncQuery;
  const of = (field: string, operator = 'eq') => ({ filter: [{ field, operator, value: 'x' }] });
  it.each<[string, SyncQuery, number, number, string | null]>([
    ['a short list', by({}), 10_000, 0, null],
    ['a long one', by({}), 10_001, 0, '10001 requests are too many for one answer'],
    ['a long one in pages', by({ page }), 1_000_000, 0, null],
    ['one user of many', by(of('username')), 10_000, 0, null],
    ['too many of one user', by(of('username')), 10_001, 0, '10001 requests are too many'],
    ['few by a filter that reads them all', by(of('mode')), 100_000, 10_000, null],
    ['by a filter that reads too many, in pages', by({ ...of('mode'), page }), 100_001, 0, 'only in pages by id'],
    ['a status other than one, in pages', by({ ...of('status', 'ne'), page }), 100_001, 0, 'only in pages by id'],
  ])('%s', (_, query, narrowed, matching, refusal) => {
    const ask = () => {
      if (requireAnswerableSyncs(query, narrowed)) requireFewSyncs(matching);
    };
    if (refusal === null) expect(ask).not.toThrow();
    else expect(ask).toThrow(refusal);
  });
});

it('a search that is refused is told how many images it would check, and how to narrow it', () => {
  expect(tooManyToSearch(60_000).message).toMatch(/^name: the 60,000 images .* at most 50000 by name= /);
});
