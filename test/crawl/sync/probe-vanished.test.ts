import { describe, expect, it } from 'vitest';
import { probeVanished } from '../../../src/crawl/sync/probe-vanished.js';
import type { Probe } from '../../../src/domain/model/listing.js';
import type { KnownChild } from '../../../src/domain/model/markers.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { VanishedChild } from '../../../src/domain/reconcile/reconcile.js';

const at = (path: string) => path as ResourcePath;
const GONE: Partial<Probe> = { presence: 'absent', failure: 'not-found', detail: '404' };
const THERE: Partial<Probe> = { presence: 'present', marker: 'm' };
const CLOSED: Partial<Probe> = { presence: 'unknown', failure: 'forbidden', detail: '403' };
const BUSY: Partial<Probe> = { presence: 'unknown', failure: 'busy', detail: '429' };

const vanished = (path: string, changes: Partial<KnownChild> = {}): VanishedChild => ({
  child: { path: at(path), absentInSync: null, absentInFull: null, ...changes } as KnownChild,
  respelled: null,
  isRejudged: false,
});

describe('a collection that its parent no longer shows', () => {
  const ask = async (
    child: VanishedChild,
    answers: Record<string, Partial<Probe>>,
    sync: { isFull?: boolean; isAccepted?: boolean; isExcluded?: (path: ResourcePath) => boolean } = {},
    hasSaidGone = false,
  ) => {
    const asked: string[] = [];
    const probe = async (path: ResourcePath): Promise<Probe> => {
      asked.push(path);
      return {
        presence: 'unknown',
        failure: null,
        detail: '',
        marker: null,
        isSettled: false,
        mayPropagate: false,
        requests: 1,
        ...answers[path],
      };
    };
    const { requests, ...fates } = await probeVanished([child], {
      store: { probe },
      sync: { id: 7, isFull: false, isAccepted: false, isExcluded: () => false, ...sync },
      hasSaidGone: () => hasSaidGone,
      signal: new AbortController().signal,
    });
    expect(requests).toBe(asked.length);
    return { asked, fate: Object.entries(fates).flatMap(([fate, found]) => (found.length > 0 ? [fate] : [])) };
  };

  it.each<[string, Partial<KnownChild>, Partial<Probe>, Parameters<typeof ask>[2], string]>([
    ['is gone if it says so itself', {}, GONE, {}, 'absent'],
    ['is there if it answers', {}, THERE, {}, 'present'],
    ['is in doubt if it is closed', {}, CLOSED, {}, 'unproven'],
    ['is gone if it is closed to a second full sync', { absentInFull: 5 }, CLOSED, { isFull: true }, 'absent'],
    ['is in doubt in the same full sync', { absentInFull: 7 }, CLOSED, { isFull: true }, 'unproven'],
    ['is gone if an administrator accepts that', { absentInSync: 5 }, CLOSED, { isAccepted: true }, 'absent'],
    ['is nothing that an administrator was shown before', {}, CLOSED, { isAccepted: true }, 'unproven'],
    ['is unknown if it was not asked for, since its host has too much to do', {}, BUSY, {}, 'unknown'],
  ])('%s', async (_, child, answer, sync, expected) => {
    expect(await ask(vanished('d', child), { d: answer }, sync)).toEqual({ asked: ['d'], fate: [expected] });
  });

  it('is gone if its host has too much to do to say so a second time', async () => {
    expect(await ask(vanished('d'), { d: BUSY }, {}, true)).toEqual({ asked: ['d'], fate: ['absent'] });
  });

  it('is gone without a question if it is excluded', async () => {
    expect(await ask(vanished('d'), {}, { isExcluded: () => true })).toEqual({ asked: [], fate: ['absent'] });
  });

  it.each<[string, boolean, Partial<Probe>, Partial<Probe>, readonly string[], string]>([
    ['is renamed to a new spelling that answers to the old one', false, THERE, {}, ['d'], 'renamed'],
    [
      'is another one beside a known spelling with another marker',
      true,
      THERE,
      { ...THERE, marker: 'n' },
      ['d', 'D'],
      'present',
    ],
    ['is gone beside another spelling if it says so', true, GONE, THERE, ['d'], 'absent'],
  ])('%s', async (_, isKnown, answer, other, asked, expected) => {
    const child = { ...vanished('d'), respelled: { path: at('D'), isKnown } };
    expect(await ask(child, { d: answer, D: other })).toEqual({ asked, fate: [expected] });
  });
});
