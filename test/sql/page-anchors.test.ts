import { describe, expect, it } from 'vitest';
import { createLandmarks } from '../../src/sql/page-anchors.js';

describe('landmarks', () => {
  it('know the nearest row before or behind a page, and how far it is', () => {
    const landmarks = createLandmarks();
    expect(landmarks.nearest(5, 10)).toBeNull();
    landmarks.note(20, ['t']);
    expect(landmarks.nearest(21, 10)).toEqual({ cursor: { side: 'after', keys: ['t'] }, skipped: 0 });
    expect(landmarks.nearest(25, 10)).toEqual({ cursor: { side: 'after', keys: ['t'] }, skipped: 4 });
    expect(landmarks.nearest(10, 10)).toEqual({ cursor: { side: 'before', keys: ['t'] }, skipped: 0 });
    expect(landmarks.nearest(5, 10)).toEqual({ cursor: { side: 'before', keys: ['t'] }, skipped: 5 });
    landmarks.note(24, ['x']);
    expect(landmarks.nearest(25, 10)).toEqual({ cursor: { side: 'after', keys: ['x'] }, skipped: 0 });
  });

  it('know nothing of a page that holds the row itself', () => {
    const landmarks = createLandmarks();
    landmarks.note(20, ['t']);
    for (const offset of [11, 15, 20]) expect(landmarks.nearest(offset, 10)).toBeNull();
  });

  it('don’t keep keys that are very long', () => {
    const landmarks = createLandmarks();
    landmarks.note(20, ['x'.repeat(501)]);
    expect(landmarks.nearest(21, 10)).toBeNull();
  });

  it('keep rows on the way apart from those of pages, unless their keys are very long', () => {
    const landmarks = createLandmarks();
    expect(landmarks.fix(5_000, ['m'])).toBe(true);
    expect(landmarks.fix(6_000, ['x'.repeat(501)])).toBe(false);
    for (let i = 0; i < 1_000; i++) landmarks.note(i, [`${i}`]);
    expect(landmarks.nearest(5_001, 1)).toEqual({ cursor: { side: 'after', keys: ['m'] }, skipped: 0 });
    expect(landmarks.nearest(6_001, 1)).toEqual({ cursor: { side: 'after', keys: ['m'] }, skipped: 1_000 });
  });

  it('forget the oldest', () => {
    const landmarks = createLandmarks();
    for (let i = 0; i < 1_000; i++) landmarks.note(i, [`${i}`]);
    expect(landmarks.nearest(500, 1)).toEqual({ cursor: { side: 'before', keys: ['968'] }, skipped: 467 });
  });
});
