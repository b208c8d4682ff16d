import { describe, expect, it } from 'vitest';
import { createRateLimit, secondsUntil } from '../../../src/http/gate/rate-limit.js';

function createScene(maxKeys = 100) {
  const scene = { now: 1_000_000 };
  const limit = createRateLimit({ limit: 3, windowMs: 60_000, maxKeys, clock: () => scene.now });
  const remaining = (key: string) => limit.allowance(key).remaining;
  return Object.assign(scene, limit, { remaining });
}

describe('a rate limit', () => {
  it('counts down to nothing and then refuses without counting', () => {
    const { take, allowance } = createScene();
    expect([take('a'), take('a'), take('a')].map((each) => each?.remaining)).toEqual([2, 1, 0]);
    expect(take('a')).toBeNull();
    expect(allowance('a')).toEqual({ limit: 3, remaining: 0, resetAt: 1_060_000 });
  });

  it('counts each key by itself', () => {
    const { take, remaining } = createScene();
    take('a');
    expect([remaining('a'), remaining('b')]).toEqual([2, 3]);
  });

  it('begins anew when the window that the first one opened is over', () => {
    const scene = createScene();
    scene.take('a');
    scene.now += 59_999;
    scene.take('a');
    expect(scene.remaining('a')).toBe(1);
    scene.now += 1;
    expect(scene.remaining('a')).toBe(3);
    expect(scene.take('a')).toEqual({ limit: 3, remaining: 2, resetAt: scene.now + 60_000 });
  });

  it('takes back what was counted, and never more', () => {
    const { take, giveBack, remaining } = createScene();
    take('a');
    giveBack('a');
    giveBack('a');
    giveBack('never seen');
    expect([remaining('a'), remaining('never seen')]).toEqual([3, 3]);
  });

  it('holds nobody longer than a window when the clock is put back', () => {
    const scene = createScene();
    for (let i = 0; i < 3; i++) scene.take('a');
    scene.now -= 3_600_000;
    expect(scene.take('a')).toMatchObject({ remaining: 2, resetAt: scene.now + 60_000 });
  });

  it('forgets who was quiet the longest, and nobody else, when too many come', () => {
    const { take, remaining } = createScene(3);
    for (const key of ['a', 'b', 'c']) take(key);
    take('a');
    take('d');
    expect(['a', 'b', 'c', 'd'].map(remaining)).toEqual([1, 3, 2, 2]);
  });

  it('says how many whole seconds are left, at least one', () => {
    const clock = () => 1_000;
    expect([61_000, 60_999, 1_001, 1_000, 0].map((at) => secondsUntil(at, clock))).toEqual([60, 60, 1, 1, 1]);
  });
});
