import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DEFAULT_SORT, parseSort } from '../../src/domain/query.js';
import { imageList } from '../../src/sqlite/image-catalogue.js';
import { makeSqliteIndex, portsOf } from './temporary-index.js';

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
});
afterEach(() => index.close());

function planOf(sql: string): readonly string[] {
  const named = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, null]));
  const positional = Array<null>((sql.match(/\?/g) ?? []).length).fill(null);
  const parameters = Object.keys(named).length > 0 ? [named] : positional;
  return index.db
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => detail);
}

it.each(['name', 'name,desc'])('reads a list by %s from the covering index alone, without a sort', (sort) => {
  const query = { nameContains: [], sort: parseSort(sort) };
  expect(planOf(imageList(query).sql)).toEqual(['SEARCH images USING COVERING INDEX images_shown (space=?)']);
});

it('searches names in the covering index', () => {
  const query = { nameContains: ['a', 'b'], sort: DEFAULT_SORT };
  expect(planOf(imageList(query).sql)).toEqual(['SEARCH images USING COVERING INDEX images_shown (space=?)']);
});

it('reads a list by path without a sort', () => {
  const [step, ...others] = planOf(imageList({ nameContains: [], sort: parseSort('path') }).sql);
  expect(step).toMatch(/^SEARCH images USING INDEX \S+ \(space=\?\)$/);
  expect(others).toEqual([]);
});

/** Steps that look at a whole table or index on purpose: all spaces, all tokens, the queue and the log in their order. */
const WALKS = [
  /^SCAN spaces USING INDEX sqlite_autoindex_spaces_1 .* WHERE is_configured = 1 ORDER BY user$/,
  /^SCAN spaces SELECT id, user, url, rules, is_configured AS isConfigured FROM spaces$/,
  /^SCAN tokens .* ORDER BY id$/,
  /^SCAN syncs USING INDEX syncs_queue .* ORDER BY origin = 'schedule', syncs.id LIMIT 1$/,
  /^SCAN syncs .* ORDER BY syncs.id DESC LIMIT \?$/,
];
const LOOK_UPS = /^(SEARCH|LIST SUBQUERY|CORRELATED SCALAR SUBQUERY|CREATE BLOOM FILTER|SCAN json_each) /;

it('serves every statement by an index and sorts for none of them', () => {
  const prepare = vi.spyOn(index.db, 'prepare');
  portsOf(index.db, () => 0);
  const statements = prepare.mock.calls.map(([sql]) => sql.replace(/\s+/g, ' ').trim());
  prepare.mockRestore();
  expect(statements.length).toBeGreaterThan(50);

  const steps = statements.flatMap((sql) =>
    planOf(sql).map((step) => (LOOK_UPS.test(`${step} `) ? 'look-up' : `${step} ${sql}`)),
  );
  const walks = steps.filter((step) => step !== 'look-up');
  expect(walks.filter((step) => !WALKS.some((walk) => walk.test(step)))).toEqual([]);
  expect(WALKS.filter((walk) => !walks.some((step) => walk.test(step)))).toEqual([]);
});
