import { describe, expect, it } from 'vitest';
import {
  isFingerprintOld,
  isSettled,
  isSubtreeBelieved,
  type KnownChild,
  learn,
  type MarkerEvidence,
  NO_EVIDENCE,
  NO_FINDINGS,
  provenUnchanged,
  pruningOf,
} from '../../../src/domain/model/markers.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';

const evidence = (names: MarkerEvidence['names'], subtree: MarkerEvidence['subtree']): MarkerEvidence => ({
  names,
  subtree,
  mismatches: 0,
  namesProofs: 0,
  subtreeProofs: 0,
});

describe('what markers prove', () => {
  it.each([
    ['nothing before anything was seen', NO_EVIDENCE, NO_FINDINGS, NO_EVIDENCE],
    ['names once they moved', NO_EVIDENCE, { names: 'moved' }, evidence('seen', 'none')],
    ['subtrees once they moved', NO_EVIDENCE, { subtree: 'moved' }, evidence('none', 'seen')],
    ['names but no subtrees', evidence('seen', 'seen'), { subtree: 'stood' }, evidence('seen', 'refuted')],
    ['nothing after one counter-example', evidence('seen', 'seen'), { names: 'stood' }, evidence('refuted', 'refuted')],
    ['less where one sync saw both', NO_EVIDENCE, { names: 'moved', subtree: 'stood' }, evidence('seen', 'refuted')],
  ] as const)('is %s', (_case, before, found, after) => {
    expect(learn(before, { ...NO_FINDINGS, ...found }, false)).toEqual(after);
  });

  describe('once it was refuted', () => {
    const moved = { ...NO_FINDINGS, names: 'moved', subtree: 'moved' } as const;
    const regain = (syncs: number, isFull: boolean, before = evidence('refuted', 'refuted')) =>
      Array.from({ length: syncs }).reduce((seen: MarkerEvidence) => learn(seen, moved, isFull), before);

    it('is regained by a week of full syncs in which markers moved, and not a day sooner', () => {
      expect(pruningOf(regain(6, true))).toBe('off');
      expect(pruningOf(regain(7, true))).toBe('subtree');
    });
    it('is regained by nothing else', () => {
      expect(pruningOf(regain(100, false))).toBe('off');
      const stillOff = Array.from({ length: 100 }).reduce(
        (seen: MarkerEvidence) => learn(seen, NO_FINDINGS, true),
        evidence('refuted', 'refuted'),
      );
      expect(pruningOf(stillOff)).toBe('off');
    });
    it('begins anew with each counter-example', () => {
      const again = learn(regain(6, true), { names: 'stood', subtree: null, mismatches: 1 }, true);
      expect(pruningOf(regain(6, true, again))).toBe('off');
    });
    it('is regained for names alone where subtrees go on being refuted', () => {
      const names = Array.from({ length: 7 }).reduce(
        (seen: MarkerEvidence) => learn(seen, { names: 'moved', subtree: 'stood', mismatches: 1 }, true),
        evidence('refuted', 'refuted'),
      );
      expect(names).toMatchObject({ names: 'seen', subtree: 'refuted' });
    });
  });

  it('counts every mismatch', () => {
    const once = learn(NO_EVIDENCE, { names: 'stood', subtree: null, mismatches: 3 }, false);
    expect(learn(once, { names: null, subtree: 'stood', mismatches: 2 }, false).mismatches).toBe(5);
  });

  it.each([
    ['learning', NO_EVIDENCE],
    ['names', evidence('seen', 'none')],
    ['names', evidence('seen', 'refuted')],
    ['subtree', evidence('seen', 'seen')],
    ['subtree', evidence('none', 'seen')],
    ['learning', evidence('none', 'refuted')],
    ['off', evidence('refuted', 'refuted')],
  ] as const)('is %s in a word', (word, seen) => {
    expect(pruningOf(seen)).toBe(word);
  });

  it.each([
    ['believed', NO_EVIDENCE],
    ['believed', evidence('seen', 'none')],
    ['subtree', evidence('seen', 'seen')],
    ['off', evidence('refuted', 'refuted')],
  ] as const)('is %s where other spaces have shown subtrees', (word, seen) => {
    expect(pruningOf(seen, isSubtreeBelieved(seen, { seen: 10, refuted: 0 }))).toBe(word);
  });
});

describe('what spaces of one origin prove together', () => {
  it.each<[string, Partial<MarkerEvidence>, number, number, boolean]>([
    ['ten', {}, 10, 0, true],
    ['nine', {}, 9, 0, false],
    ['ten, and one the contrary', {}, 10, 1, false],
    ['ten, of one that shows names', { names: 'seen' }, 10, 0, true],
    ['ten, of one that does not even show names', { names: 'refuted' }, 10, 0, false],
    ['ten, of one that has shown it itself', { names: 'seen', subtree: 'seen' }, 10, 0, false],
    ['ten, of one that has shown the contrary', { subtree: 'refuted' }, 10, 0, false],
  ])('%s: %j', (_, own, seen, refuted, expected) => {
    expect(isSubtreeBelieved({ ...NO_EVIDENCE, ...own }, { seen, refuted })).toBe(expected);
  });
});

describe('a marker', () => {
  const NOW = Date.UTC(2026, 10, 23);
  it.each([
    ['is settled two seconds after its change', NOW - 2_000, NOW, true],
    ['is not before that', NOW - 1_999, NOW, false],
    ['is not where it lies in the future', NOW + 60_000, NOW, false],
    ['is not without a date of the collection', null, NOW, false],
    ['is not without the time of the server', NOW - 60_000, null, false],
  ])('%s', (_case, modifiedAt, askedAt, settled) => {
    expect(isSettled(modifiedAt, askedAt)).toBe(settled);
  });

  const known = (changes: Partial<KnownChild> = {}): KnownChild => ({
    path: 'a' as ResourcePath,
    marker: 'etag:1',
    isSettled: true,
    isProven: true,
    isJoined: false,
    isLeaf: true,
    absentInSync: null,
    absentInFull: null,
    ...changes,
  });
  it.each([
    ['nothing in a full sync', known(), 'etag:1', 'nothing', 'nothing'],
    ['nothing of a collection that nobody knows', undefined, 'etag:1', 'subtree', 'nothing'],
    ['nothing when it has moved', known(), 'etag:2', 'subtree', 'nothing'],
    ['nothing where there is none', known({ marker: null }), null, 'subtree', 'nothing'],
    ['nothing where it was too young', known({ isSettled: false }), 'etag:1', 'subtree', 'nothing'],
    ['a leaf by its names', known({ isProven: false }), 'etag:1', 'names', 'leaf'],
    ['nothing of an inner collection by its names', known({ isLeaf: false }), 'etag:1', 'names', 'nothing'],
    ['a subtree where it stands for one', known({ isLeaf: false }), 'etag:1', 'subtree', 'subtree'],
    [
      'nothing where something below was left open',
      known({ isLeaf: false, isProven: false }),
      'etag:1',
      'subtree',
      'nothing',
    ],
  ] as const)('proves %s', (_case, child, marker, trust, proven) => {
    expect(provenUnchanged(child, { marker }, trust)).toBe(proven);
  });
});

describe('a fingerprint', () => {
  it.each([
    ['of just now', 100_000, 100_000, false],
    ['of a minute before the last listing', 100_000, 160_000, false],
    ['of longer before', 100_000, 160_001, true],
    ['that was read after it', 200_000, 100_000, false],
    ['read at an unknown time', null, 100_000, true],
    ['before a listing of an unknown time', 100_000, null, true],
  ])('%s is too old: %s %s %s', (_case, readAt, listedAt, isOld) => {
    expect(isFingerprintOld(readAt, listedAt)).toBe(isOld);
  });
});
