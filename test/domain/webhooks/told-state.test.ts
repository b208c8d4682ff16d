import { describe, expect, it } from 'vitest';
import type { Space } from '../../../src/domain/model/space.js';
import { stateNews, type ToldState } from '../../../src/domain/webhooks/told-state.js';

const GOOD: Pick<Space, 'trouble' | 'heldRemovals' | 'lastSyncAt' | 'lastSuccessAt'> = {
  trouble: null,
  heldRemovals: null,
  lastSyncAt: 5,
  lastSuccessAt: 5,
};
const trouble = (kind: 'failed' | 'incomplete' | 'unauthorized') => ({
  trouble: { kind, message: 'the storage says no', at: 6 },
});
const space = (its: Partial<Space>) => ({ ...GOOD, ...its }) as Space;

describe('webhooks are told', () => {
  it.each<[string, Partial<Space>, ToldState, string | null, string]>([
    ['nothing while all is well', {}, 'good', null, ''],
    ['nothing of a space that has not been synced yet', { lastSyncAt: null, lastSuccessAt: null }, 'good', null, ''],
    ['nothing of folders that could not be listed', trouble('incomplete'), 'good', null, ''],
    ['that a sync has failed', trouble('failed'), 'good', 'space.failing', 'the storage says no'],
    ['that credentials were refused', trouble('unauthorized'), 'failing', 'space.failing', 'the storage says no'],
    ['that once', trouble('failed'), 'failing', null, ''],
    [
      'that a removal is held',
      { heldRemovals: 40 },
      'good',
      'space.held',
      'the removal of 40 images is held until it is confirmed: they are still listed',
    ],
    [
      'that the removal of a single image is held',
      { heldRemovals: 1 },
      'good',
      'space.held',
      'the removal of 1 image is held until it is confirmed: it is still listed',
    ],
    ['that it is over', {}, 'held', 'space.recovered', 'the space is synced again'],
    [
      'that it is over, even if not everything is',
      trouble('incomplete'),
      'failing',
      'space.recovered',
      'the space is synced again',
    ],
  ])('%s', (_name, its, before, type, message) => {
    const news = stateNews(space(its), before);
    expect(news === null ? [null, ''] : [news.type, news.message]).toEqual([type, message]);
  });
});
