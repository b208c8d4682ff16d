import { describe, expect, it } from 'vitest';
import { rateAfterLook, UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import { NO_COUNTS, type SyncCounts, type SyncMode, type SyncOutcome } from '../../../src/domain/model/sync.js';
import { afterSync } from '../../../src/domain/policy/space-condition.js';
import { newRecord, type SpaceRecord } from '../../../src/domain/policy/space-record.js';
import { PROCESSED } from '../../support/processed.js';

const NOW = 1_000_000;
const HOUR = 3_600_000;
const FAILED: Partial<SyncOutcome> = { status: 'ERROR', errors: ['down'] };
const REFUSED: Partial<SyncOutcome> = { status: 'ERROR', errors: ['401'], isUnauthorized: true };
const INCOMPLETE: Partial<SyncOutcome> = { counts: { ...NO_COUNTS, failures: 2 }, warnings: ['/d: 403'] };

const NEW = newRecord(1);
const FRESH = { lastSyncAt: 5, lastSuccessAt: 5 };
/** What a look that finds no change tells about a space that was fresh. */
const SEEN_QUIET = rateAfterLook(UNKNOWN_RATE, false, NOW - FRESH.lastSuccessAt);
const trouble = (kind: 'failed' | 'incomplete' | 'unauthorized', message: string, at = NOW) => ({ kind, message, at });
const SUSPENDED = { ...FRESH, trouble: trouble('unauthorized', '401', 5), refusals: 1, retryAt: 5 + HOUR };
const SEARCHED = { ...NO_SEARCH, search: 'seen', searchedMarker: 'etag:1' } as const;
const UNCOMPARED = { ...SEARCHED, search: 'none', searchedMarker: null } as const;
const HELD = { ...FRESH, heldRemovals: 30, heldReasons: ['a'], isRemovalRefused: true };

describe('the record of a space after a sync', () => {
  it.each<[string, Partial<SpaceRecord>, SyncMode, Partial<SyncOutcome>, Partial<SpaceRecord>, number?]>([
    ['is fresh after a good one', {}, 'full', {}, { lastSyncAt: NOW, lastSuccessAt: NOW }],
    [
      'names what could not be listed',
      FRESH,
      'full',
      INCOMPLETE,
      { lastSyncAt: NOW, trouble: trouble('incomplete', '/d: 403') },
    ],
    [
      'counts what could not be listed if nothing names it',
      FRESH,
      'full',
      { ...INCOMPLETE, warnings: [] },
      { lastSyncAt: NOW, trouble: trouble('incomplete', '2 collections could not be listed') },
    ],
    ['is no success with a warning', FRESH, 'full', { warnings: ['odd'] }, { lastSyncAt: NOW }],
    ['names why it failed, and keeps the rest', FRESH, 'full', FAILED, { trouble: trouble('failed', 'down') }],
    [
      'clears the trouble of the last',
      { trouble: trouble('failed', 'x', 5) },
      'full',
      {},
      { trouble: null, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    ['is not made fresh by a hint', FRESH, 'hint', {}, {}],
    ['has the trouble of a hint', FRESH, 'hint', FAILED, { trouble: trouble('failed', 'down'), isTroubleOfHint: true }],
    [
      'keeps the trouble of a hint through a good one, which may have listed another place',
      { trouble: trouble('failed', 'x', 5), isTroubleOfHint: true },
      'hint',
      {},
      {},
    ],
    [
      'has the trouble of the last hint that had any',
      { trouble: trouble('failed', 'x', 5), isTroubleOfHint: true },
      'hint',
      INCOMPLETE,
      { trouble: trouble('incomplete', '/d: 403') },
    ],
    [
      'loses the trouble of a hint by a good look at the whole',
      { trouble: trouble('failed', 'x', 5), isTroubleOfHint: true },
      'full',
      {},
      { trouble: null, isTroubleOfHint: false, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    ['keeps a trouble that a hint did not note', { trouble: trouble('failed', 'x', 5) }, 'hint', INCOMPLETE, {}],
    [
      'is suspended by a hint, too, whatever its trouble was',
      { trouble: trouble('failed', 'x', 5) },
      'hint',
      REFUSED,
      { trouble: trouble('unauthorized', '401'), refusals: 1, retryAt: NOW + HOUR },
    ],
    [
      'waits a day after a second refusal in a row',
      SUSPENDED,
      'full',
      REFUSED,
      { trouble: trouble('unauthorized', '401'), refusals: 2, retryAt: NOW + 24 * HOUR },
    ],
    [
      'is no longer suspended once it fails in another way, and remembers the refusal',
      SUSPENDED,
      'full',
      FAILED,
      { trouble: trouble('failed', 'down'), retryAt: null },
    ],
    [
      'forgets refusals after a good one',
      SUSPENDED,
      'full',
      {},
      { trouble: null, refusals: 0, retryAt: null, lastSyncAt: NOW, lastSuccessAt: NOW, rate: SEEN_QUIET },
    ],
    ['stays suspended after a good hint', SUSPENDED, 'hint', {}, {}],
    [
      'holds what a sync holds',
      FRESH,
      'full',
      { heldRemovals: 3, heldReasons: ['b'] },
      { lastSyncAt: NOW, lastSuccessAt: NOW, heldRemovals: 3, heldReasons: ['b'] },
    ],
    [
      'holds what is still marked, with its reasons',
      HELD,
      'full',
      {},
      { lastSyncAt: NOW, lastSuccessAt: NOW, heldRemovals: 7 },
      7,
    ],
    ['holds on through a failure', HELD, 'full', FAILED, { trouble: trouble('failed', 'down') }],
    [
      'adds the reasons of a hint',
      HELD,
      'hint',
      { heldRemovals: 2, heldReasons: ['a', 'b'] },
      { heldRemovals: 7, heldReasons: ['a', 'b'] },
      7,
    ],
    [
      'holds nothing once nothing is held or marked',
      HELD,
      'full',
      {},
      {
        lastSyncAt: NOW,
        lastSuccessAt: NOW,
        heldRemovals: null,
        heldReasons: [],
        isRemovalRefused: false,
        rate: SEEN_QUIET,
      },
    ],
    [
      'has arrived at its new URL after a sync that finds all in order',
      { isRelocated: true },
      'full',
      {},
      { isRelocated: false, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'has not if something is held',
      { isRelocated: true },
      'full',
      { heldRemovals: 1 },
      { lastSyncAt: NOW, lastSuccessAt: NOW, heldRemovals: 1 },
    ],
    [
      'is one of a restored backup once its storage has another fingerprint',
      { fingerprint: '' },
      'incremental',
      { fingerprint: 'b7f1' },
      { fingerprint: 'b7f1', isRestored: true, unchangedRequests: 0, lookCost: 1, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'is not by the first fingerprint that is seen',
      {},
      'incremental',
      { fingerprint: 'b7f1' },
      { fingerprint: 'b7f1', unchangedRequests: 0, lookCost: 1, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'stays one after an incremental sync that sees none',
      { fingerprint: 'b7f1', isRestored: true },
      'incremental',
      { fingerprint: null },
      { unchangedRequests: 0, lookCost: 1, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'stays one while something is held',
      { fingerprint: 'b7f1', isRestored: true },
      'full',
      { heldRemovals: 1 },
      { heldRemovals: 1, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'is none any more after a full sync that finds all in order',
      { fingerprint: 'b7f1', isRestored: true },
      'full',
      { fingerprint: 'b7f1' },
      { isRestored: false, lastSyncAt: NOW, lastSuccessAt: NOW },
    ],
    [
      'is left off where its storage had too much to do',
      {},
      'full',
      { ...FAILED, isLeftOff: true },
      { trouble: trouble('failed', 'down'), leftOff: { mode: 'full', syncs: [7] } },
    ],
    [
      'searches no more before a full sync once a suspension hides that something is unlisted',
      { search: SEARCHED, trouble: trouble('incomplete', '/d: 403', 5) },
      'incremental',
      REFUSED,
      { search: UNCOMPARED, trouble: trouble('unauthorized', '401'), refusals: 1, retryAt: NOW + HOUR },
    ],
    [
      'searches on after a suspension that hides nothing',
      { search: SEARCHED },
      'incremental',
      REFUSED,
      {
        search: { ...SEARCHED, searchedMarker: null },
        trouble: trouble('unauthorized', '401'),
        refusals: 1,
        retryAt: NOW + HOUR,
      },
    ],
    ['stays as it is after a cancelled one', SUSPENDED, 'full', { status: 'CANCELLED' }, {}],
  ])('%s', (_, before, mode, outcome, changed, marked = 0) => {
    const record = { ...NEW, ...before };
    expect(afterSync(record, { id: 7, mode }, { ...PROCESSED, ...outcome }, marked, NOW)).toEqual({
      ...record,
      ...changed,
    });
  });

  it('may be polled at once when its markers are first seen to prove subtrees, and as planned later', () => {
    const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
    const first = afterSync(NEW, { id: 7, mode: 'full' }, { ...PROCESSED, findings }, 0, NOW);
    expect(first).toMatchObject({ evidence: { names: 'seen', subtree: 'seen' }, pollDueAt: NOW });
    const later = { ...first, pollDueAt: null };
    expect(afterSync(later, { id: 8, mode: 'full' }, { ...PROCESSED, findings }, 0, NOW + 1).pollDueAt).toBeNull();
  });

  it('knows what looking costs while nothing changes, by incremental syncs alone', () => {
    const costAfter = (mode: SyncMode, counts: Partial<SyncCounts>, before = NEW) =>
      afterSync(before, { id: 7, mode }, { ...PROCESSED, counts: { ...NO_COUNTS, ...counts } }, 0, NOW)
        .unchangedRequests;
    const known = { ...NEW, unchangedRequests: 155 };
    expect(costAfter('incremental', { requests: 155 })).toBe(155);
    expect(costAfter('incremental', { requests: 1 }, known)).toBe(1);
    expect(costAfter('incremental', { requests: 8, added: 1 }, known)).toBe(155);
    expect(costAfter('full', { requests: 333 }, known)).toBe(155);
    expect(costAfter('hint', { requests: 1 }, known)).toBe(155);
  });

  it('forgets what looking at everything cost once markers prove subtrees', () => {
    const findings = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
    const counts = { ...NO_COUNTS, requests: 333, added: 1 };
    const before = { ...NEW, unchangedRequests: 333 };
    const after = afterSync(before, { id: 7, mode: 'incremental' }, { ...PROCESSED, counts, findings }, 0, NOW);
    expect(after).toMatchObject({ unchangedRequests: null, pollDueAt: NOW });
  });

  it('bounds the reasons that hints add', () => {
    const reasons = Array.from({ length: 12 }, (_, i) => `reason ${i}`);
    const after = afterSync(
      { ...NEW, ...HELD, heldReasons: reasons },
      { id: 7, mode: 'hint' },
      { ...PROCESSED, heldRemovals: 1, heldReasons: ['another'] },
      0,
      NOW,
    );
    expect(after.heldReasons).toEqual(reasons);
  });
});
