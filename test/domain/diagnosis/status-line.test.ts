import { expect, test } from 'vitest';
import { type DaemonSummary, summarise } from '../../../src/domain/diagnosis/status-line.js';
import { UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import { type Space, type SpaceState, stateOf } from '../../../src/domain/model/space.js';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const calm: Space = {
  id: 1,
  user: 'jm',
  url: 'http://h/jm/',
  revision: 1,
  changedAt: NOW,
  images: 1_200,
  describedImages: 0,
  waitingImages: 0,
  incompleteImages: 0,
  brokenImages: 0,
  readBytes: 0,
  collections: 3,
  addedAt: NOW,
  lastSuccessAt: NOW,
  lastSyncAt: NOW,
  trouble: null,
  heldRemovals: null,
  heldReasons: [],
  isRemovalRefused: false,
  nextSyncAt: null,
  evidence: NO_EVIDENCE,
  search: NO_SEARCH,
  rate: UNKNOWN_RATE,
};
const at = (iso: string, kind: 'failed' | 'unauthorized', message: string) => ({
  trouble: { kind, message, at: Date.parse(iso) },
});

/** The same spaces as an index sums them up. */
function totalsOf(spaces: readonly Space[], runningSyncs: number): DaemonSummary['totals'] {
  const states = new Map<SpaceState, number>();
  for (const space of spaces) {
    const state = stateOf(space, NOW, 900_000);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const troubles = spaces.flatMap(({ user, trouble }) => (trouble === null ? [] : [{ user, ...trouble }]));
  const [lastTrouble = null] = troubles.sort((a, b) => b.at - a.at);
  return { spaces: states, images: spaces.reduce((sum, { images }) => sum + images, 0), runningSyncs, lastTrouble };
}

test.each<[string, readonly Space[], number, string | null, string]>([
  ['nothing yet', [], 0, null, '0 spaces, 0 images, 0 syncs running'],
  ['one of each', [{ ...calm, images: 1 }], 1, null, '1 space, 1 image, 1 sync running'],
  [
    'states that somebody may look after, and the last trouble',
    [
      calm,
      { ...calm, user: 'kim', ...at('2026-03-02T09:00:00Z', 'failed', 'the storage\nanswered 503') },
      { ...calm, user: 'lab', ...at('2026-03-02T08:00:00Z', 'unauthorized', '401') },
    ],
    2,
    null,
    '3 spaces (1 suspended, 1 failing), 3,600 images, 2 syncs running; last trouble: kim at 2026-03-02T09:00:00.000Z: the storage answered 503',
  ],
  [
    'a configuration that is refused, first',
    [calm],
    0,
    `a problem:\n${'x'.repeat(500)}`,
    `new configuration rejected, still using the old one: a problem: ${'x'.repeat(149)}…; 1 space, 1,200 images, 0 syncs running`,
  ],
])('a line says %s', (_what, spaces, runningSyncs, refusal, expected) => {
  expect(summarise({ totals: totalsOf(spaces, runningSyncs), refusal })).toBe(expected);
});

test('before its index is open a daemon has nothing', () => {
  expect(summarise({ totals: null, refusal: null })).toBe('0 spaces, 0 images, 0 syncs running');
});
