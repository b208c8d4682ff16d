import { describe, expect, it } from 'vitest';
import { UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import { type Space, stateOf } from '../../../src/domain/model/space.js';

const HOUR = 3_600_000;
const now = 100 * HOUR;
const space: Space = {
  id: 1,
  user: 'jm',
  url: 'http://127.0.0.1/jm/',
  revision: 1,
  changedAt: null,
  images: 3,
  describedImages: 0,
  waitingImages: 0,
  incompleteImages: 0,
  brokenImages: 0,
  readBytes: 0,
  collections: 1,
  addedAt: 0,
  lastSuccessAt: now - HOUR,
  lastSyncAt: now - HOUR,
  trouble: null,
  heldRemovals: null,
  heldReasons: [],
  isRemovalRefused: false,
  nextSyncAt: null,
  evidence: NO_EVIDENCE,
  search: NO_SEARCH,
  rate: UNKNOWN_RATE,
};
const trouble = (kind: 'failed' | 'incomplete' | 'unauthorized') => ({ kind, message: 'why', at: now });

describe('stateOf', () => {
  it.each([
    ['fresh', {}],
    ['pending', { lastSuccessAt: null, lastSyncAt: null }],
    ['stale', { lastSuccessAt: now - 3 * HOUR }],
    ['stale', { trouble: trouble('incomplete') }],
    ['stale', { lastSuccessAt: null }],
    ['failing', { trouble: trouble('failed') }],
    ['failing', { trouble: trouble('failed'), lastSuccessAt: null, lastSyncAt: null }],
    ['held', { heldRemovals: 40 }],
    ['held', { heldRemovals: 40, trouble: trouble('failed') }],
    ['suspended', { heldRemovals: 40, trouble: trouble('unauthorized') }],
  ] as const)('is %s with %j', (state, changes) => {
    expect(stateOf({ ...space, ...changes }, now, HOUR)).toBe(state);
  });
});
