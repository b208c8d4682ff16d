import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import { createStandingNews, createSyncNews } from '../../src/crawl/sync-news.js';
import { SPACE_STATES } from '../../src/domain/lists/space-states.js';
import { SYNC_MODES } from '../../src/domain/lists/sync-list.js';
import { NO_EVIDENCE } from '../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../src/domain/model/search.js';
import type { SyncOutcome } from '../../src/domain/model/sync.js';
import type { ClaimedSync } from '../../src/domain/ports/sync-log.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { spaceToJson } from '../../src/wire/space.js';
import { syncToJson } from '../../src/wire/sync.js';
import { PROCESSED } from '../support/processed.js';
import { A_LOOK, A_SPACE, A_SYNC, NOW } from './samples.js';
import { FACTS_OF_SPACES, FACTS_OF_SYNCS } from './vocabulary.js';

const SPACE_JSON = spaceToJson(A_SPACE, 'held', A_LOOK, NOW);
const SYNC_JSON = syncToJson(A_SYNC, NOW);
const FACTS = [...FACTS_OF_SYNCS, ...FACTS_OF_SPACES];

it('says the facts of syncs and spaces by the keys that their JSON has', () => {
  for (const { json } of FACTS_OF_SYNCS) expect({ ...SYNC_JSON, ...SYNC_JSON.message }).toHaveProperty(json);
  for (const { json } of FACTS_OF_SPACES) expect(SPACE_JSON).toHaveProperty(json);
});

describe('the log', () => {
  const OUTCOME: SyncOutcome = {
    ...PROCESSED,
    counts: A_SYNC.counts,
    errors: A_SYNC.errors,
  };
  const CLAIMED: ClaimedSync = {
    sync: A_SYNC,
    lease: { syncId: A_SYNC.id, spaceId: 1, owner: 'test' },
    isResumed: false,
    leftOff: [],
    shownImages: 0,
    isRemovalAccepted: false,
    isRelocated: false,
    fingerprint: null,
    isRestored: false,
    isSubtreeBelieved: false,
    evidence: NO_EVIDENCE,
    search: NO_SEARCH,
    isNew: false,
    isInOrder: true,
    isRemovalRefused: false,
  };
  const OUTCOMES: readonly (Partial<SyncOutcome> | null)[] = [
    {},
    { heldRemovals: 3 },
    { warnings: A_SYNC.warnings },
    { status: 'ERROR' },
    { status: 'ERROR', isUnauthorized: true },
    { isLeftOff: true },
    { findings: { names: 'stood', subtree: 'stood', mismatches: 2 } },
    { search: { found: 'missed', misses: 2, searchedMarker: null, trouble: 'it missed two' } },
    null,
  ];

  const linesOf = () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino(
      { level: 'debug', base: null, timestamp: false },
      { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    for (const outcome of OUTCOMES) {
      const ended = outcome && { ...OUTCOME, ...outcome };
      createSyncNews(logger).ended(CLAIMED, ended, NOW);
      const news = createStandingNews({ logger, isHostDown: () => false });
      news.ended(CLAIMED, ended, NOW);
      news.stop();
    }
    return lines;
  };

  it('says how a sync ended in the words of its JSON', () => {
    const words = new Map(FACTS.flatMap(({ json, log }) => (log === undefined ? [] : [[log, json] as const])));
    const said = new Set<string>();
    for (const { level: _level, msg: _msg, ...line } of linesOf()) {
      for (const [field, value] of Object.entries(line)) {
        said.add(field);
        expect([...words.keys()]).toContain(field);
        const json = SYNC_JSON[words.get(field) as keyof typeof SYNC_JSON];
        if (typeof json === 'number') expect({ field, value }).toEqual({ field, value: json });
      }
    }
    expect(said).toEqual(new Set(words.keys()));
  });

  it.each(FACTS.filter(({ log }) => log !== undefined))('calls $json $log', ({ json, log }) => {
    const camel = json.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const others: Readonly<Record<string, readonly string[]>> = {
      // Many lines are of a sync, and of a user.
      id: ['sync'],
      username: ['user'],
      pruning: ['names', 'subtree'],
    };
    expect(others[json] ?? [camel]).toContain(log);
  });
});

describe('the metrics', () => {
  const rendered = async () => {
    const tally = createCrawlTally();
    for (const mode of SYNC_MODES) tally.syncEnded(mode, null, 1);
    tally.requestEnded('answered', 1);
    const totals = {
      spaces: new Map(),
      images: 1,
      imagesByState: new Map(),
      collections: 1,
      heldImages: 1,
      waitingSyncs: 1,
      runningSyncs: 1,
      oldestSuccessAt: NOW,
      oldestUser: 'jm',
      lastTrouble: null,
      medianSuccessAt: NOW,
      storages: [{ origin: 'https://x', spaces: 1, age: { sum: 1, max: 1 }, expectedAge: { sum: 1, max: 1 } }],
      storedBytes: 1,
      unmergedBytes: 1,
    };
    const loop = { median: 0, p99: 0, max: 0 };
    return await createMetrics({
      traffic: () => [],
      waiting: () => ({ clients: 0, streams: 0 }),
      loop: () => loop,
      crawl: async () => ({ counts: tally.read(), totals, loop }),
      clock: () => NOW,
      version: '1.2.3',
    }).render();
  };

  it('tell the same facts in the same words', async () => {
    const lines = (await rendered()).split('\n').filter((line) => line.startsWith('ovadex_'));
    for (const { metric } of FACTS) {
      const [, name = '', label = ''] = /^(\w+)(?:\{(.+)\})?$/.exec(metric ?? '') ?? [];
      if (metric === undefined) continue;
      const found = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
      expect(
        found.filter((line) => line.includes(label)),
        metric,
      ).not.toEqual([]);
    }
    const changes = lines.flatMap((line) => /^ovadex_image_changes_total\{change="(\w+)"/.exec(line)?.[1] ?? []);
    expect(changes).toEqual(['added', 'changed', 'deleted']);
    const states = lines.flatMap((line) => /^ovadex_spaces\{state="(\w+)"/.exec(line)?.[1] ?? []);
    expect(new Set(states)).toEqual(new Set(SPACE_STATES));
  });
});
