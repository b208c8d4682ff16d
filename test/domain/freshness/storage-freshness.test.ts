import { describe, expect, it } from 'vitest';
import { namedStorages } from '../../../src/domain/freshness/storage-freshness.js';

const storage = (origin: string, spaces: number, user = 'jm') => ({
  origin,
  spaces,
  user,
  age: { sum: spaces * 10, max: spaces },
  expectedAge: { sum: spaces * 2, max: spaces / 2 },
});
const told = (storages: Parameters<typeof namedStorages>[0]) =>
  namedStorages(storages).map(({ origin, spaces }) => [origin, spaces]);

describe('the storages that monitoring is told', () => {
  it('go by their origin, the largest first', () => {
    const storages = [storage('http://a', 1), storage('http://c', 3), storage('http://b', 3)];
    expect(told(storages)).toEqual([
      ['http://b', 3],
      ['http://c', 3],
      ['http://a', 1],
    ]);
    expect(told([])).toEqual([]);
  });

  it('name no user, not even by a host', () => {
    const storages = [storage('https://Kim.example.org', 1, 'kim'), storage('https://lab.example.org', 2, 'lab')];
    expect(told(storages)).toEqual([
      ['https://lab.example.org', 2],
      ['other', 1],
    ]);
  });

  it('are together beyond twenty, with the sums and the longest times of all of them', () => {
    const storages = Array.from({ length: 23 }, (_, n) => storage(`http://s${100 - n}`, n + 1, 'nobody'));
    const named = namedStorages(storages);
    expect(named).toHaveLength(21);
    expect(named.at(-1)).toEqual({
      origin: 'other',
      spaces: 1 + 2 + 3,
      age: { sum: 60, max: 3 },
      expectedAge: { sum: 12, max: 1.5 },
    });
  });
});
