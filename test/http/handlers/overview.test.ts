import { describe, expect, it } from 'vitest';
import { atAGlance } from '../../../src/domain/diagnosis/at-a-glance.js';
import { createRecorder } from '../../../src/domain/model/measurements.js';
import { fakeAdministration } from '../../support/administration.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { bodyOf, createApiScene, MEASURED, NOW } from '../api-scene.js';

describe('the overview', () => {
  it('tells how all spaces are doing, what needs a person, and how that has changed', async () => {
    const requestSeconds = createRecorder([0.1, 1]);
    for (const seconds of [0.05, 0.5, 5]) requestSeconds.note(seconds);
    const index = createMemoryIndex(() => NOW);
    const overview = async () =>
      atAGlance(
        {
          counts: { ...MEASURED.counts, requests: new Map([['answered', 3]]), requestSeconds: requestSeconds.read() },
          totals: {
            ...MEASURED.totals,
            spaces: new Map([['held', 3]]),
            images: 12,
            oldestUser: 'jm',
            lastTrouble: null,
            oldestSuccessAt: NOW,
          },
          webhooks: [
            { name: 'deployer', oldestAt: NOW, waiting: 0, dead: 4 },
            { name: 'other', oldestAt: null, waiting: 0, dead: 0 },
          ],
        },
        await index.history.hours(),
        await index.history.troubled(5),
        NOW,
      );
    const scene = createApiScene({ administration: fakeAdministration({ overview }) }, index);
    await scene.addSpace('jm');
    await scene.sync('jm', ['x.ova', 'y.ova'], { heldRemovals: 1, heldReasons: ['gone'] });
    await index.history.count(NOW, new AbortController().signal);
    const response = await scene.ask(await scene.tokenFor('root', ['admin']), '/v2/admin/overview');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { data } = await bodyOf(response);
    expect(data).toMatchObject({
      as_of: '2026-11-24T12:00:00.000Z',
      spaces_by_state: { fresh: 0, pending: 0, stale: 0, failing: 0, held: 3, suspended: 0 },
      ...{ images: 12, size: 100, size_as_of: '2026-11-24T12:00:00.000Z' },
      oldest: { user: 'jm', synced_on: '2026-11-24T12:00:00.000Z' },
      attention: {
        held: { count: 3, users: ['jm'] },
        suspended: { count: 0, users: [] },
        webhooks: [{ name: 'deployer', dead_spaces: 4 }],
      },
      storage_requests: {
        outcomes: { answered: 3 },
        latency: [
          { up_to_seconds: 0.1, count: 1 },
          { up_to_seconds: 1, count: 1 },
          { up_to_seconds: null, count: 1 },
        ],
        total_seconds: 5.55,
      },
      history: [{ hour: '2026-11-24T12:00:00.000Z', spaces: 1, images: 2, size: 100 }],
    });
    const hours = data['hours'] as unknown as readonly object[];
    expect(hours).toHaveLength(48);
    expect(hours.at(-1)).toEqual({ hour: '2026-11-24T12:00:00.000Z', syncs: 1, failed: 0, added: 2, deleted: 2 });
  });

  it('is there before anything was synced, and for administrators alone', async () => {
    const scene = createApiScene();
    const asked = await scene.ask(await scene.tokenFor('root', ['admin']), '/v2/admin/overview');
    expect((await bodyOf(asked)).data).toMatchObject({ size: null, size_as_of: null, oldest: null, history: [] });
    expect((await scene.ask(await scene.tokenFor('jm'), '/v2/admin/overview')).status).toBe(403);
  });
});
