import { describe, expect, it } from 'vitest';
import { createOutages } from '../../../src/crawl/sync/outage-detector.js';
import type { ListingFailure, Probe } from '../../../src/domain/model/listing.js';

describe('an outage', () => {
  const outagesOf = (presence: Probe['presence'], isAtOnce = false) => {
    let probes = 0;
    const probe = async (): Promise<Probe> => {
      probes += 1;
      return { presence, failure: null, detail: '', marker: null, isSettled: false, mayPropagate: false, requests: 1 };
    };
    const outages = createOutages({ probe }, isAtOnce);
    const down = async (failure: ListingFailure) =>
      (await outages.isDown(failure, new AbortController().signal)).isDown;
    return { outages, down, probes: () => probes };
  };

  it('is five collections in a row without an answer, if the root has none either', async () => {
    const { down, probes } = outagesOf('unknown');
    const told = [];
    for (let i = 0; i < 5; i++) told.push(await down('unreachable'));
    expect(told).toEqual([false, false, false, false, true]);
    expect(probes()).toBe(1);
  });

  it('is none while the root answers, and five more are needed to ask again', async () => {
    const { down, probes } = outagesOf('present');
    for (let i = 0; i < 11; i++) expect(await down('malformed')).toBe(false);
    expect(probes()).toBe(2);
  });

  it.each<[string, (scene: ReturnType<typeof outagesOf>) => unknown]>([
    ['a good answer', ({ outages }) => outages.noteAnswer()],
    ['a refusal', ({ down }) => down('forbidden')],
  ])('is counted anew after %s', async (_, between) => {
    const scene = outagesOf('unknown');
    for (let i = 0; i < 4; i++) await scene.down('unreachable');
    await between(scene);
    expect(await scene.down('unreachable')).toBe(false);
  });

  it('is told by silence without another question, and by a host that is given up at once', async () => {
    const { down, probes } = outagesOf('present');
    for (let i = 0; i < 4; i++) await down('timeout');
    expect([await down('timeout'), await down('busy'), probes()]).toEqual([true, true, 0]);
  });

  it('is the first without an answer where few are asked', async () => {
    expect(await outagesOf('unknown', true).down('unreachable')).toBe(true);
  });
});
