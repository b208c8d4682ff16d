import { expect, test } from 'vitest';
import { diagnoseSpace } from '../../../src/domain/diagnosis/diagnose-space.js';
import { UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import type { Space } from '../../../src/domain/model/space.js';

const NOW = 100_000;
const space = (changes: Partial<Space>): Space => ({
  id: 1,
  user: 'jm',
  url: 'http://127.0.0.1/jm/',
  revision: 1,
  changedAt: 0,
  images: 4,
  describedImages: 0,
  waitingImages: 0,
  incompleteImages: 0,
  brokenImages: 0,
  readBytes: 0,
  collections: 1,
  addedAt: 0,
  lastSuccessAt: 0,
  lastSyncAt: 0,
  trouble: null,
  heldRemovals: null,
  heldReasons: [],
  isRemovalRefused: false,
  nextSyncAt: null,
  evidence: NO_EVIDENCE,
  search: NO_SEARCH,
  rate: UNKNOWN_RATE,
  ...changes,
});
const trouble = (kind: 'failed' | 'incomplete' | 'unauthorized') => ({ kind, message: 'answered 503', at: 60_000 });

test('says nothing of a space that is in order', () => {
  expect(diagnoseSpace(space({}), NOW)).toEqual([]);
});

test.each<[string, Partial<Space>, string, RegExp, RegExp]>([
  [
    'suspended',
    { trouble: trouble('unauthorized') },
    'problem',
    /^suspended since 1970-01-01T00:01:00\.000Z because its storage refused the credentials: answered 503$/,
    /ovadex resume --user jm/,
  ],
  [
    'failing',
    { trouble: trouble('failed'), nextSyncAt: 120_000 },
    'problem',
    /^failing since 1970-01-01T00:01:00\.000Z: answered 503; the list stays as it was$/,
    /retried at 1970-01-01T00:02:00\.000Z/,
  ],
  [
    'failing and due',
    { trouble: trouble('failed'), nextSyncAt: NOW },
    'problem',
    /^failing/,
    /the next sync will retry/,
  ],
  ['failing without a time', { trouble: trouble('failed') }, 'problem', /^failing/, /the next sync will retry/],
  ['not whole', { trouble: trouble('incomplete') }, 'warning', /^incomplete since/, /ovadex requests list --user jm/],
  [
    'held',
    { heldRemovals: 3, heldReasons: ['the root is empty', 'too many'] },
    'problem',
    /^the removal of 3 images is held back: the root is empty; too many$/,
    /ovadex held --user jm.*ovadex accept --user jm.*ovadex keep --user jm/,
  ],
  [
    'held and refused',
    { heldRemovals: 3, isRemovalRefused: true },
    'problem',
    /held back$/,
    /stay until.*ovadex accept/,
  ],
])('tells of a space that is %s, and what to do', (_case, changes, severity, message, action) => {
  expect(diagnoseSpace(space(changes), NOW)).toEqual([
    {
      area: 'space',
      subject: 'jm',
      severity,
      message: expect.stringMatching(message),
      action: expect.stringMatching(action),
    },
  ]);
});

test('tells of both where removals are held and the last sync failed', () => {
  const found = diagnoseSpace(space({ heldRemovals: 1, trouble: trouble('failed') }), NOW);
  expect(found.map(({ message }) => message.split(' ')[0])).toEqual(['failing', 'the']);
});
