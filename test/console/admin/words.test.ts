import { describe, expect, it } from 'vitest';
import { actedNotice } from '../../../src/console/admin/act-on-spaces.js';
import { evidenceText, imagesText } from '../../../src/console/admin/space-facts.js';
import { apiQueryOf } from '../../../src/console/admin/spaces.js';
import { conditionOf } from '../../../src/console/admin/words/condition.js';
import { filterText } from '../../../src/console/admin/words/filter-text.js';
import { durationText, progressOf, resultOf } from '../../../src/console/admin/words/sync-words.js';
import { matchesFilter } from '../../../src/domain/lists/filter.js';
import { parseFilter } from '../../../src/domain/lists/parse-filter.js';
import { SPACE_LIST } from '../../../src/domain/lists/space-list.js';

const WELL = {
  state: 'fresh',
  last_error: null,
  last_success_on: '2026-11-24T11:55:00.000Z',
  held_removals: null,
  removals_refused: false,
  is_linked: false,
} as const;
const error = (kind: 'failed' | 'incomplete' | 'unauthorized') =>
  ({ kind, message: 'it answered 503', on: '2026-11-24T11:00:00.000Z' }) as const;

describe('the condition of a space in words', () => {
  it.each([
    [{}, 'good', 'All is well.', null],
    [{ state: 'pending', last_success_on: null }, 'plain', 'It has not been seen yet.', null],
    [{ state: 'stale' }, 'waiting', 'Its list is older than it should be.', WELL.last_success_on],
    [
      { state: 'stale', last_error: error('incomplete') },
      'waiting',
      'Some of its folders could not be listed.',
      '2026-11-24T11:00:00.000Z',
    ],
    [{ state: 'failing', last_error: error('failed') }, 'bad', 'Its last sync failed.', '2026-11-24T11:00:00.000Z'],
    [
      { state: 'suspended', last_error: error('unauthorized') },
      'bad',
      'Its storage refuses the credentials.',
      '2026-11-24T11:00:00.000Z',
    ],
    [{ state: 'held', held_removals: 1 }, 'bad', '1 image is gone from the storage, and its removal is held.', null],
    [
      { state: 'held', held_removals: 1_200, removals_refused: true },
      'waiting',
      '1,200 images are gone from the storage and are kept, as an administrator decided.',
      null,
    ],
  ] as const)('of %j is %s: %s', (changes, tone, title, since) => {
    expect(conditionOf({ ...WELL, ...changes })).toMatchObject({ tone, title, since });
  });

  it('sends somebody whose space its user has connected to that user', () => {
    const suspended = { ...WELL, state: 'suspended', last_error: error('unauthorized') } as const;
    expect(conditionOf(suspended).may).toContain('in the configuration');
    expect(conditionOf({ ...suspended, is_linked: true }).may).toContain('Its user connects the storage anew');
  });
});

describe('what came of an act on several spaces', () => {
  const refusal = (user: string) => ({ user, detail: 'it is suspended' });

  it.each([
    [{ done: ['jm'], refused: [], leftOut: [] }, 'done', 'Asked for a sync of “jm”.'],
    [{ done: ['jm', 'lab'], refused: [], leftOut: [] }, 'done', 'Asked for a sync of 2 spaces.'],
    [
      { done: ['jm', 'lab'], refused: [refusal('kim')], leftOut: [] },
      'trouble',
      'Asked for a sync of 2 spaces. Not done: “kim”: it is suspended.',
    ],
    [
      { done: [], refused: [refusal('kim')], leftOut: ['a', 'b'] },
      'trouble',
      'No sync was asked for. Not done: “kim”: it is suspended. These were not tried any more: “a”; “b”.',
    ],
    [
      { done: [], refused: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(refusal), leftOut: [] },
      'trouble',
      'No sync was asked for. Not done: “a”: it is suspended; “b”: it is suspended; “c”: it is suspended; “d”: it is suspended; “e”: it is suspended; 2 more.',
    ],
  ])('of %j is %s: %s', (acted, kind, text) => {
    expect(actedNotice('sync', acted)).toEqual({ kind, text });
  });
});

describe('a filter of a page', () => {
  it.each(['jm', '50%', 'a;b', 'a,b', 'a|b', 'back\\slash', '\\%', '_'])('finds the user %s, and no other', (user) => {
    const finds = (text: string, other: string) =>
      matchesFilter(SPACE_LIST.fields, parseFilter(text, SPACE_LIST.fields), () => other);
    for (const operator of ['eq', 'like'] as const) {
      const text = filterText([['user', operator, user]]);
      expect([finds(text, user), finds(text, 'someone else')]).toEqual([true, false]);
    }
  });

  it('leaves out what nobody has typed, and asks for all that is in trouble at once', () => {
    expect(filterText([['user', 'eq', ' ']])).toBe('');
    expect(apiQueryOf(new URLSearchParams('state=trouble&user=a'))['filter']).toBe(
      'user,like,%a%;state,in,failing,held,suspended',
    );
    expect(apiQueryOf(new URLSearchParams('state=held'))['filter']).toBe('state,eq,held');
  });
});

describe('a sync in words', () => {
  it.each([
    ['PENDING', 0, 'waiting', 'plain'],
    ['IN_PROGRESS', 0, 'running', 'waiting'],
    ['PROCESSED', 0, 'done', 'good'],
    ['PROCESSED', 2, 'done in part', 'waiting'],
    ['ERROR', 0, 'failed', 'bad'],
    ['CANCELLED', 0, 'cancelled', 'plain'],
  ] as const)('that is %s with %i failures is %s', (status, failures, word, tone) => {
    expect(resultOf({ status, failures })).toEqual({ word, tone });
  });

  it.each([
    [0, '0 s'],
    [0.42, '0.4 s'],
    [9.96, '10 s'],
    [75, '1 min 15 s'],
    [7_500, '2 h 5 min'],
  ])('that took %d s took %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it.each([
    [{ collections: 20, failures: 1, waiting: 4, expected_collections: null }, '21 folders', null],
    [{ collections: 20, failures: 0, waiting: 4, expected_collections: 60 }, '20 of about 60 folders', [20, 60]],
    [{ collections: 60, failures: 0, waiting: 40, expected_collections: 60 }, '60 of about 100 folders', [60, 100]],
    [{ collections: 1, failures: 0, waiting: 0, expected_collections: 0 }, '1 of about 1 folder', [1, 1]],
  ])('that has come as far as %j has done %s', (sync, text, bar) => {
    expect(progressOf(sync)).toEqual({ text, bar: bar && { done: bar[0], all: bar[1] } });
  });
});

describe('a space in words', () => {
  it('names the images that are not as they should be, and the proofs on the way to be believed again', () => {
    const none = { images: 12, waiting_images: 0, incomplete_images: 0, broken_images: 0 };
    expect(imagesText(none)).toBe('12 images');
    expect(imagesText({ ...none, waiting_images: 1, broken_images: 2 })).toBe(
      '12 images, 1 waiting to be read, 2 broken',
    );
    expect(evidenceText('refuted', 0)).toBe('no: a change was missed');
    expect(evidenceText('refuted', 2)).toContain('; 2 full syncs');
    expect(evidenceText('seen', 2)).toBe('yes, as seen');
  });
});
