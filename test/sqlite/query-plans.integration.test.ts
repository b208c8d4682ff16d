import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cursor } from '../../src/domain/lists/cursor.js';
import { HELD_LIST } from '../../src/domain/lists/held-list.js';
import {
  DEFAULT_SORT,
  type ImageQuery,
  parseImageFilter,
  parseSort,
  totalOrder,
} from '../../src/domain/lists/image-list.js';
import { SEARCH_LIST, type SearchQuery } from '../../src/domain/lists/image-search.js';
import { orderOf } from '../../src/domain/lists/list-grammar.js';
import { parseOrder } from '../../src/domain/lists/order.js';
import { parseFilter } from '../../src/domain/lists/parse-filter.js';
import { SPACE_LIST } from '../../src/domain/lists/space-list.js';
import { SYNC_LIST, type SyncField, type SyncQuery } from '../../src/domain/lists/sync-list.js';
import { HELD_KEY_COLUMNS } from '../../src/sql/held-list.js';
import { countSql, listSql, rowsSql, type Slice } from '../../src/sql/list-sql.js';
import { spaceKeys, spaceSource } from '../../src/sql/space-list.js';
import { syncKeys, syncSource } from '../../src/sql/sync-list.js';
import { SQLITE } from '../../src/sqlite/lists/dialect.js';
import { NEW_IMAGES_SQL } from '../../src/sqlite/names/name-search.js';
import { heldImages } from '../../src/sqlite/read/held-list.js';
import { groupSource } from '../../src/sqlite/read/image-groups.js';
import { BY_PATH_SQL, numbersSql } from '../../src/sqlite/read/image-order.js';
import { COLUMN_OF_KEY, IMAGE_COLUMNS, imageSource } from '../../src/sqlite/read/image-rows.js';
import { foundImages, SEARCH_KEY_COLUMNS } from '../../src/sqlite/read/image-search.js';
import { imageWalk } from '../../src/sqlite/read/image-walk.js';
import { changesSql } from '../../src/sqlite/read/list-changes.js';
import { CHANGED_SQL } from '../../src/sqlite/read/ordered-pages.js';
import { INCOMPLETE_FOLDERS_SQL } from '../../src/sqlite/read/shown-images.js';
import { EVIDENCE_OF_STORAGES_SQL, SERVERS_OF_USERS_SQL, STORAGES_SQL } from '../../src/sqlite/read/space-context.js';
import { SPACE_COLUMNS } from '../../src/sqlite/read/space-rows.js';
import { SYNC_COLUMNS } from '../../src/sqlite/read/sync-rows.js';
import { CHANGED_NAMES_SQL } from '../../src/sqlite/scan/kept-names.js';
import { NAMES_SQL } from '../../src/sqlite/scan/read-names.js';
import {
  END_OF_PIECE_SQL,
  FAILING_USERS_SQL,
  HELD_USERS_SQL,
  SUM_OF_PIECE_SQL,
  SUSPENDED_USERS_SQL,
} from '../../src/sqlite/write/index-history.js';
import { ORIGIN_EVIDENCE_SQL } from '../../src/sqlite/write/sync-log-statements.js';
import { makeSqliteIndex, portsOf } from './temporary-index.js';

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
  // Whose statements call functions that the catalogue defines.
  expect(index.catalogue).toBeDefined();
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

const plain: ImageQuery = { nameContains: [], sort: DEFAULT_SORT };
const listPlan = (query: ImageQuery, slice: Slice = { kind: 'all' }, ids: readonly number[] | null = null) =>
  planOf(listSql(imageSource(1, query, ids), totalOrder(query.sort), COLUMN_OF_KEY, slice).sql);
const COVERED = 'SEARCH images USING COVERING INDEX images_shown (space=?)';

it.each(['name', 'name,desc'])('reads a list by %s from the covering index alone, without a sort', (sort) => {
  expect(listPlan({ ...plain, sort: parseSort(sort) })).toEqual([COVERED]);
});

it.each(['a', 'ab'])('searches a space for names that hold "%s" in the covering index', (part) => {
  expect(listPlan({ ...plain, nameContains: [part, 'b'] })).toEqual([COVERED]);
  expect(planOf(countSql(imageSource(1, { ...plain, nameContains: [part] }, null)).sql)).toEqual([COVERED]);
});

it.each([
  'name,like,%a%',
  'name,like,a%b',
  'path,like,a%',
  'size,gt,1',
  'updated_on,ge,1;name,in,a,b',
  'settled,eq,true',
])('filters by %s in the covering index', (text) => {
  const [step, ...others] = listPlan({ ...plain, filter: parseImageFilter(text) });
  expect(step).toBe(COVERED);
  expect(others.filter((each) => !LOOK_UPS.test(`${each} `))).toEqual([]);
});

describe('a page of a list that is filtered by what images are', () => {
  const first: Slice = { kind: 'offset', limit: 100, offset: 0, isReversed: false };
  const afterRow: Slice = {
    kind: 'beside',
    limit: 100,
    offset: 0,
    cursor: { side: 'after', keys: ['a', 'a', 'a'] },
  };

  it.each([
    ['family,eq,linux', 'images_by_family (space=? AND family=?'],
    ['family,eq,linux;memory_mib,le,4096', 'images_by_family (space=? AND family=?'],
    ['family,eq,linux;state,eq,ok', 'images_by_family (space=? AND family=?'],
    ['state,eq,broken', 'images_troubled (space=? AND <expr>=?'],
    ['state,eq,incomplete;family,eq,linux', 'images_troubled (space=? AND <expr>=?'],
    ['state,eq,uploading', 'images_troubled (space=? AND <expr>=?'],
    ['settled,eq,false', 'images_troubled (space=? AND <expr>=?'],
    ['state,eq,ok', 'images_shown (space=?'],
    ['state,in,broken|incomplete', 'images_shown (space=?'],
    ['family,ne,linux', 'images_shown (space=?'],
    ['memory_mib,le,4096', 'images_shown (space=?'],
  ])('%s: is read in its order from the index that has it, without a sort', (text, index) => {
    const filter = parseImageFilter(text);
    for (const sort of [DEFAULT_SORT, parseSort('name,desc')]) {
      for (const slice of [first, afterRow]) {
        const [step, ...others] = listPlan({ ...plain, filter, sort }, slice);
        expect(step?.replace('COVERING ', '')).toContain(`SEARCH images USING INDEX ${index}`);
        expect(others.filter((each) => !LOOK_UPS.test(each))).toEqual([]);
      }
    }
  });

  it('is counted by the groups of its space alone', () => {
    const filter = parseImageFilter('family,eq,linux;memory_mib,le,4096;state,ne,broken');
    expect(planOf(rowsSql(groupSource(1, filter)).sql)).toEqual(['SEARCH image_groups USING PRIMARY KEY (space=?)']);
  });
});

it('finds names and paths that are given exactly by an index', () => {
  const [byName] = listPlan({ ...plain, filter: parseImageFilter('name,eq,a') });
  expect(byName).toBe('SEARCH images USING COVERING INDEX images_shown (space=? AND name_key=? AND name=?)');
  const [byPath] = listPlan({ ...plain, filter: parseImageFilter('path,eq,a') });
  expect(byPath).toMatch(/^SEARCH images USING INDEX \S+ \(space=\? AND path=\?\)$/);
});

it('reads a list by path without a sort', () => {
  const [step, ...others] = listPlan({ ...plain, sort: parseSort('path') });
  expect(step).toMatch(/^SEARCH images USING INDEX \S+ \(space=\?\)$/);
  expect(others).toEqual([]);
});

it.each([
  ['name', 'after', 'name_key,name,path'],
  ['name,desc', 'after', 'name_key,name,path'],
  ['name', 'before', 'name_key,name,path'],
])('goes on in a list by %s at a cursor %s a row without a sort', (sort, side, columns) => {
  const cursor = { side: side as Cursor['side'], keys: ['a', 'a', 'a'] };
  const [step, ...others] = listPlan(
    { ...plain, sort: parseSort(sort) },
    { kind: 'beside', limit: 2, offset: 0, cursor },
  );
  const comparison = (sort === 'name') === (side === 'after') ? '>' : '<';
  expect(step).toBe(`SEARCH images USING COVERING INDEX images_shown (space=? AND (${columns})${comparison}(?,?,?))`);
  expect(others).toEqual([]);
});

it('goes on in a list by path at a cursor without a sort', () => {
  const cursor: Cursor = { side: 'after', keys: ['a'] };
  const [step, ...others] = listPlan(
    { ...plain, sort: parseSort('path') },
    { kind: 'beside', limit: 2, offset: 0, cursor },
  );
  expect(step).toMatch(/^SEARCH images USING INDEX \S+ \(space=\? AND path>\?\)$/);
  expect(others).toEqual([]);
});

it.each(['path', 'path,desc'])('jumps in a list by %s over paths alone, without a sort', (sort) => {
  const order = totalOrder(parseSort(sort));
  const planFor = (slice: Slice) => {
    const walk = imageWalk(1, order, () => false);
    return walk === null ? [] : planOf(listSql(walk, order, COLUMN_OF_KEY, slice).sql);
  };
  const [step, ...others] = planFor({ kind: 'offset', limit: 1, offset: 9, isReversed: false });
  expect(step).toMatch(/^SEARCH images USING COVERING INDEX sqlite_autoindex_images_1 \(space=\?\)$/);
  expect(others).toEqual([
    'LIST SUBQUERY 1',
    'SEARCH images USING COVERING INDEX images_missing (missing_since>?)',
    'CREATE BLOOM FILTER',
  ]);
  const [further] = planFor({ kind: 'beside', limit: 1, offset: 9, cursor: { side: 'after', keys: ['a'] } });
  expect(further).toMatch(/^SEARCH images USING COVERING INDEX sqlite_autoindex_images_1 \(space=\? AND path[<>]\?\)$/);
});

it.each(['name', 'name,desc'])('jumps in a list by %s over the covering index', (sort) => {
  const order = totalOrder(parseSort(sort));
  const walk = imageWalk(1, order, () => false);
  const slice: Slice = { kind: 'offset', limit: 1, offset: 9, isReversed: true };
  expect(walk && planOf(listSql(walk, order, COLUMN_OF_KEY, slice).sql)).toEqual([COVERED]);
});

it.each(['size', 'name,desc;path', 'updated_on,desc'])('has no way to jump in a list by %s', (sort) => {
  expect(imageWalk(1, totalOrder(parseSort(sort)), () => false)).toBeNull();
});

it('sorts one space for any other order, from the covering index', () => {
  const cursor: Cursor = { side: 'after', keys: [1, 'a'] };
  const query = { ...plain, sort: parseSort('size,desc') };
  for (const slice of [{ kind: 'all' }, { kind: 'beside', limit: 2, offset: 0, cursor }] as const) {
    expect(listPlan(query, slice)).toEqual([COVERED, 'USE TEMP B-TREE FOR ORDER BY']);
  }
});

it('reads what an order by numbers compares, and the order of paths, from an index alone and without a sort', () => {
  index.db.function('take_numbers', (_id, _first, _second) => 0);
  index.db.function('take_id', (_id) => 0);
  const sizes = numbersSql([COLUMN_OF_KEY.sizeBytes, COLUMN_OF_KEY.cpus]);
  expect(planOf(sizes)).toEqual([COVERED]);
  expect(planOf(BY_PATH_SQL)).toEqual(['SEARCH images USING COVERING INDEX sqlite_autoindex_images_1 (space=?)']);
  expect(planOf(CHANGED_SQL)).toEqual(['SEARCH images USING INDEX images_changed (space=? AND changed_in>?)']);
});

it('reads names from the covering index alone, and what has changed of them by its revision', () => {
  index.db.function('take_name', (_id, _key) => 0);
  expect(planOf(NAMES_SQL)).toEqual([COVERED]);
  expect(planOf(CHANGED_NAMES_SQL)).toEqual(['SEARCH images USING INDEX images_changed (space=? AND changed_in>?)']);
});

it('looks up what the trigram index found by its ids', () => {
  const plan = listPlan({ ...plain, nameContains: ['abc'] }, { kind: 'all' }, [1, 2]);
  expect(plan).toEqual([
    'SCAN json_each VIRTUAL TABLE INDEX 1:',
    'SEARCH images USING INTEGER PRIMARY KEY (rowid=?)',
    'USE TEMP B-TREE FOR ORDER BY',
  ]);
});

it('searches images that the trigram index doesn’t hold yet from the first of them on', () => {
  expect(planOf(NEW_IMAGES_SQL)).toEqual(['SEARCH images USING INTEGER PRIMARY KEY (rowid>?)']);
});

it('searches all spaces by what the trigram index found, or space by space', () => {
  const query: SearchQuery = { ...plain, filter: parseFilter('user,eq,jm', SEARCH_LIST.fields) };
  const order = orderOf(SEARCH_LIST, query.sort);
  const planFor = (ids: readonly number[] | null) =>
    planOf(listSql(foundImages(query, { kind: 'one by one', ids }), order, SEARCH_KEY_COLUMNS, { kind: 'all' }).sql);
  expect(planFor([1, 2])).toEqual([
    'SCAN json_each VIRTUAL TABLE INDEX 1:',
    'SEARCH images USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH spaces USING INTEGER PRIMARY KEY (rowid=?)',
    'USE TEMP B-TREE FOR ORDER BY',
  ]);
  const [spaces, images] = planFor(null);
  expect(spaces).toMatch(/^SEARCH spaces USING INDEX \S+ \(user=\?\)$/);
  expect(images).toBe(COVERED);
});

it('reads pages of held images by path from the few that are, without a sort', () => {
  const order = orderOf(HELD_LIST, HELD_LIST.byDefault);
  const cursor: Cursor = { side: 'after', keys: ['a'] };
  const planFor = (slice: Slice) =>
    planOf(listSql(heldImages(1, { nameContains: [] }), order, HELD_KEY_COLUMNS, slice).sql);
  expect(planFor({ kind: 'all' })).toEqual(['SEARCH images USING INDEX images_absent (space=?)']);
  expect(planFor({ kind: 'beside', limit: 2, offset: 0, cursor })).toEqual([
    'SEARCH images USING INDEX images_absent (space=? AND path>?)',
  ]);
  expect(planOf(countSql(heldImages(1, { nameContains: [] })).sql)).toEqual([
    'SEARCH images USING COVERING INDEX images_absent (space=?)',
  ]);
});

const syncPlan = (query: Partial<SyncQuery>, sort: string = 'id,desc', cursor: Cursor | null = null) => {
  const order = orderOf(SYNC_LIST, parseOrder(sort, Object.keys(SYNC_LIST.fields) as SyncField[], []));
  const slice: Slice =
    cursor === null
      ? { kind: 'offset', limit: 1, offset: 0, isReversed: false }
      : { kind: 'beside', limit: 1, offset: 0, cursor };
  return planOf(
    listSql(syncSource(SQLITE, SYNC_COLUMNS, { visibleTo: null, ...query }), order, syncKeys(SQLITE), slice).sql,
  );
};
const SPACE_OF_SYNC = 'SEARCH spaces USING INTEGER PRIMARY KEY (rowid=?)';

it('reads pages of the log of syncs by id, without a sort', () => {
  expect(syncPlan({})).toEqual(['SCAN syncs', SPACE_OF_SYNC]);
  expect(syncPlan({}, 'id,desc', { side: 'after', keys: [9] })).toEqual([
    'SEARCH syncs USING INTEGER PRIMARY KEY (rowid<?)',
    SPACE_OF_SYNC,
  ]);
  const ofStatus = parseFilter('status,eq,ERROR', SYNC_LIST.fields);
  expect(syncPlan({ filter: ofStatus })).toEqual([
    'SEARCH syncs USING INDEX syncs_by_status (status=?)',
    SPACE_OF_SYNC,
  ]);
  const [space, syncs, ...others] = syncPlan({ filter: parseFilter('username,eq,jm', SYNC_LIST.fields) });
  expect(space).toMatch(/^SEARCH spaces USING COVERING INDEX \S+ \(user=\?\)$/);
  expect(syncs).toBe('SEARCH syncs USING INDEX syncs_by_space (space=?)');
  expect(others).toEqual([]);
});

it('finds the syncs of a user by the space and by who asked for them', () => {
  const plan = syncPlan({ visibleTo: 'jm' });
  expect(plan).toContain('SEARCH syncs USING INTEGER PRIMARY KEY (rowid=?)');
  expect(plan).toContain('SEARCH syncs USING COVERING INDEX syncs_by_space (space=?)');
  expect(plan).toContain('SEARCH syncs USING COVERING INDEX syncs_by_requester (requested_by=?)');
  expect(plan.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
});

it('reads pages of the spaces by user, without a sort', () => {
  const order = orderOf(SPACE_LIST, SPACE_LIST.byDefault);
  const cursor: Cursor = { side: 'after', keys: ['a'] };
  const sql = listSql(spaceSource(SQLITE, SPACE_COLUMNS, {}), order, spaceKeys(SQLITE), {
    kind: 'beside',
    limit: 1,
    offset: 0,
    cursor,
  }).sql;
  expect(planOf(sql)).toEqual([expect.stringMatching(/^SEARCH spaces USING INDEX \S+ \(user>\?\)$/) as string]);
});

/** Steps that look at a whole table or index on purpose: all spaces, all tokens, all links, the queue and the log in their order. */
const WALKS = [
  /^SCAN spaces USING INDEX sqlite_autoindex_spaces_1 .* WHERE is_configured = 1 ORDER BY user$/,
  /^SCAN spaces SELECT id, user, url, rules, images, is_configured AS isConfigured FROM spaces$/,
  /^SCAN spaces USING INDEX sqlite_autoindex_spaces_1 .* AND last_success_at IS NOT NULL ORDER BY user$/,
  /^SCAN tokens .* ORDER BY id$/,
  /^SCAN links .* FROM links ORDER BY user$/,
  // From one storage to the next.
  /^(SETUP|RECURSIVE STEP|SCALAR SUBQUERY [0-9]+|SCAN own|SCAN spaces USING INDEX spaces_evidence) WITH RECURSIVE own /,
  // For a list of spaces.
  /^SCAN links SELECT user, server FROM links$/,
  // A thousand rows at most.
  /^USE TEMP B-TREE FOR ORDER BY WITH newest AS MATERIALIZED /,
  /^SCAN newest WITH newest AS MATERIALIZED /,
  // The incomplete descriptors of one space, for a look by a search.
  /^USE TEMP B-TREE FOR (GROUP|ORDER) BY SELECT collections\.path, max\(images\.updated_at\), .* LIMIT 1000$/,
  // One row, and a few.
  /^SCAN webhook_messages /,
  /^SCAN webhooks UPDATE webhooks SET epoch = epoch \+ 1$/,
  // For a command, which tells of all spaces.
  /^SCAN spaces USING INDEX spaces_due SELECT count\(\*\) FROM webhooks JOIN spaces /,
  /^SCAN spaces USING INDEX sqlite_autoindex_spaces_1 SELECT spaces\.user, p\.pending ->> 'at' AS since, /,
  // Every five seconds, while there are webhooks and somebody writes.
  /^SCAN spaces USING INDEX spaces_due SELECT spaces\.id, .* FROM spaces WHERE is_configured = 1$/,
  // Once a minute, one number a space.
  /^SCAN spaces SELECT id FROM spaces WHERE has_unread = 1 AND images > 0$/,
  // The log-ins of one user, a thousand at most.
  /^USE TEMP B-TREE FOR ORDER BY DELETE FROM tokens WHERE user = \? AND id IN /,
  // Ten rows at most.
  /^SCAN \(subquery-[0-9]+\) .* LIMIT 10\)\) AS seen, /,
  // A thousand rows at most, when a daemon starts or ends; or the last one.
  /^SCAN runs /,
  // One row.
  /^SCAN trigram_extent /,
  // The inverted index, asked by trigrams.
  /^SCAN image_trigrams VIRTUAL TABLE INDEX 0:M2 SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH \? LIMIT /,
  // Two thousand rows at most; see `hoursToDrop`.
  /^SCAN hours /,
  // Those few whose removals are held.
  /^SCAN spaces USING INDEX spaces_held SELECT user /,
  /^SCAN syncs USING INDEX syncs_queue .* ORDER BY origin = 'schedule', syncs.id LIMIT 1$/,
  /^SCAN syncs .* ORDER BY syncs.id DESC LIMIT \?$/,
];
/** Look-ups, and headings of several steps, each of which is judged itself. */
const LOOK_UPS = new RegExp(
  `^(${[
    ...['SEARCH', 'SCAN json_each', 'SCAN CONSTANT ROW', 'CREATE BLOOM FILTER'],
    ...['LIST SUBQUERY', 'CORRELATED SCALAR SUBQUERY', 'MATERIALIZE', 'CO-ROUTINE', 'MULTI-INDEX OR', 'INDEX [0-9]+$'],
  ].join('|')})( |$)`,
);

it('counts the evidence of a storage by its index', () => {
  const steps = planOf(ORIGIN_EVIDENCE_SQL).filter((step) => step.includes('others'));
  const step = 'SEARCH others USING INDEX spaces_evidence (storage=? AND subtree_evidence=?)';
  expect(steps).toEqual([step, step]);
});

it('goes from storage to storage for what decides how all spaces are looked at', () => {
  const plan = planOf(STORAGES_SQL);
  expect(plan.filter((step) => / (spaces|next) /.test(step))).toEqual([
    'SCAN spaces USING INDEX spaces_evidence',
    'SEARCH next USING INDEX spaces_evidence (storage>?)',
  ]);
  expect(plan.filter((step) => step.includes('B-TREE'))).toEqual([]);
});

it('looks up for each storage and user what decides how a page of spaces is looked at', () => {
  const step = 'SEARCH others USING INDEX spaces_evidence (storage=? AND subtree_evidence=?)';
  expect(planOf(EVIDENCE_OF_STORAGES_SQL).filter((each) => /others|spaces/.test(each))).toEqual([step, step]);
  const links = planOf(SERVERS_OF_USERS_SQL).filter((each) => each.includes('links'));
  expect(links).toEqual([expect.stringMatching(/^SEARCH links USING (INDEX|PRIMARY KEY) .*\(user=\?\)/)]);
});

/** All statements of the index. */
function statementsOf(): readonly string[] {
  const prepare = vi.spyOn(index.db, 'prepare');
  portsOf(index.db, () => 0);
  const statements = prepare.mock.calls.map(([sql]) => sql.replace(/\s+/g, ' ').trim());
  prepare.mockRestore();
  return statements;
}

/** Statements that read a space's images one by one on purpose. */
const WHOLE_SPACES = [
  /^SELECT images\.id, .* FROM images WHERE images\.space = \? AND images\.missing_since IS NULL ORDER BY /,
  // Once in an hour, if the space has changed; a large one in pieces.
  /^SELECT coalesce\(sum\(size_bytes\), 0\) FROM images /,
  // What is still to be read, while it is known that there may be some.
  /^WITH newest AS MATERIALIZED /,
];

it('reads whole spaces for nothing but their lists and what is still to be read', () => {
  const all = /^SEARCH images USING (COVERING )?INDEX (?!images_absent )\S+ \(space=\?\)$/;
  const walks = statementsOf().filter((sql) => planOf(sql).some((step) => all.test(step)));
  expect(walks.filter((sql) => !WHOLE_SPACES.some((walk) => walk.test(sql)))).toEqual([]);
  expect(WHOLE_SPACES.filter((walk) => !walks.some((sql) => walk.test(sql)))).toEqual([]);
});

it('serves every statement by an index and sorts for none of them', () => {
  const statements = statementsOf();
  expect(statements.length).toBeGreaterThan(50);

  const steps = statements.flatMap((sql) =>
    planOf(sql).map((step) => (LOOK_UPS.test(step) ? 'look-up' : `${step} ${sql}`)),
  );
  const walks = steps.filter((step) => step !== 'look-up');
  expect(walks.filter((step) => !WALKS.some((walk) => walk.test(step)))).toEqual([]);
  expect(WALKS.filter((walk) => !walks.some((step) => walk.test(step)))).toEqual([]);
});

it('reads what has changed in its order, from where a reader left off, even in the middle of a revision', () => {
  const seek = 'SEARCH images USING INDEX images_changed';
  expect(planOf(changesSql(IMAGE_COLUMNS, '='))).toEqual([`${seek} (space=? AND changed_in=? AND rowid>?)`]);
  expect(planOf(changesSql(IMAGE_COLUMNS, '>='))).toEqual([`${seek} (space=? AND changed_in>?)`]);
});

it('finds descriptors that lack a file among what does not deploy, not among all images of their space', () => {
  const [step] = planOf(INCOMPLETE_FOLDERS_SQL);
  expect(step).toBe('SEARCH images USING INDEX images_troubled (space=? AND <expr>=?)');
});

it('finds who needs a person without reading the other spaces, and without a sort', () => {
  const byKind = 'SEARCH spaces USING INDEX spaces_troubled (trouble_kind=?)';
  expect(planOf(HELD_USERS_SQL)).toEqual(['SCAN spaces USING INDEX spaces_held']);
  expect(planOf(SUSPENDED_USERS_SQL)).toEqual([
    expect.stringMatching(/^SEARCH spaces USING (COVERING )?INDEX spaces_troubled/),
  ]);
  expect(planOf(FAILING_USERS_SQL)).toEqual([byKind]);
});

it('sums up a piece of a space in the index of what is shown', () => {
  const seek = 'SEARCH images USING COVERING INDEX images_shown (space=? AND name_key>?';
  expect(planOf(END_OF_PIECE_SQL)).toEqual([`${seek})`]);
  expect(planOf(SUM_OF_PIECE_SQL)).toEqual([`${seek} AND name_key<?)`]);
});
