import { expect, it } from 'vitest';
import { createProofs } from '../../src/postgres/connection/proofs.js';

const HOUR_MS = 3_600_000;

function createScene() {
  const now = { monotonic: 0, wall: 1e12 };
  const proofs = createProofs(
    () => now.monotonic,
    () => now.wall,
  );
  const pass = (ms: number) => {
    now.monotonic += ms;
    now.wall += ms;
  };
  return { now, proofs, pass, prove: (stamp: number) => proofs.note(stamp, { ...now }) };
}

it('of a stamp that is still the last one are as old as the last proof', () => {
  const { proofs, pass, prove } = createScene();
  for (let beat = 0; beat < 500; beat++) {
    prove(1);
    pass(10);
  }
  pass(40);
  expect(proofs.ageOf(1)).toBe(50);
  expect(proofs.ageOf(2)).toBe(50);
});

it('of an earlier stamp are never younger than the last moment at which it was the last one, and a second older at most', () => {
  const { proofs, pass, prove } = createScene();
  const lastAt: number[] = [];
  for (let at = 0; at < 30_000; at += 10) {
    const stamp = Math.floor(at / 700);
    lastAt[stamp] = at;
    prove(stamp);
    pass(10);
  }
  for (const [stamp, at] of lastAt.entries()) {
    const age = proofs.ageOf(stamp);
    if (at < 1_000) continue;
    expect(age).toBeGreaterThanOrEqual(30_000 - at);
    expect(age).toBeLessThanOrEqual(30_000 - at + 1_700);
  }
});

it('are none before the first one, an hour later, and once they are cleared', () => {
  const { proofs, pass, prove } = createScene();
  expect(proofs.ageOf(1)).toBe(Number.POSITIVE_INFINITY);
  prove(5);
  expect(proofs.ageOf(4)).toBe(Number.POSITIVE_INFINITY);
  pass(HOUR_MS);
  expect(proofs.ageOf(5)).toBe(HOUR_MS);
  pass(1);
  expect(proofs.ageOf(5)).toBe(Number.POSITIVE_INFINITY);
  prove(6);
  expect(proofs.ageOf(6)).toBe(0);
  proofs.clear();
  expect(proofs.ageOf(6)).toBe(Number.POSITIVE_INFINITY);
});

it('age while the host sleeps, although its monotonic clock stands still', () => {
  const { now, proofs, prove } = createScene();
  prove(1);
  now.wall += 600_000;
  expect(proofs.ageOf(1)).toBe(600_000);
});

it('are kept for an hour of a busy line, and no longer', () => {
  const { proofs, pass, prove } = createScene();
  for (let second = 0; second < 10_000; second++) {
    prove(second);
    pass(1_000);
  }
  expect(proofs.ageOf(10_000 - 3_000)).toBe(3_000_000);
  expect(proofs.ageOf(10_000 - 4_000)).toBe(Number.POSITIVE_INFINITY);
});
