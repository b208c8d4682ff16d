import { describe, expect, it } from 'vitest';
import { createNotes } from '../../../src/crawl/sync/run-notes.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { MAX_WARNINGS, NO_COUNTS } from '../../../src/domain/model/sync.js';

const at = (path: string) => path as ResourcePath;

describe('the notes of a run', () => {
  it('go on from an earlier run of the same sync, and spoil the proof of what is left', () => {
    const spoilt: string[] = [];
    const notes = createNotes({ ...NO_COUNTS, requests: 5 }, { spoil: (path) => void spoilt.push(path) });
    notes.count({ requests: 2, images: 3 });
    notes.leave(at('a'));
    notes.warn(at('b'), '403');
    expect(notes.counts).toEqual({ ...NO_COUNTS, requests: 7, images: 3, failures: 2 });
    expect(notes.warnings).toEqual(['/b: 403']);
    expect(spoilt).toEqual(['a', 'b']);
  });

  it('count all that is left, and name a bounded number', () => {
    const notes = createNotes(NO_COUNTS, { spoil: () => {} });
    for (let i = 0; i <= MAX_WARNINGS; i++) notes.warn(at(`d${i}`), '403');
    expect([notes.warnings.length, notes.counts.failures]).toEqual([MAX_WARNINGS, MAX_WARNINGS + 1]);
  });
});
