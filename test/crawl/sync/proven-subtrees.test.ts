import { describe, expect, it } from 'vitest';
import { createMounts } from '../../../src/crawl/sync/mounts.js';
import { createProofs } from '../../../src/crawl/sync/proven-subtrees.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';

const at = (path: string) => path as ResourcePath;

describe('proven subtrees', () => {
  const provenAfter = (
    act: (proofs: ReturnType<typeof createProofs>, mounts: ReturnType<typeof createMounts>) => void,
  ) => {
    const mounts = createMounts();
    const proofs = createProofs(mounts);
    for (const path of ['', 'a', 'a/b', 'c']) proofs.note(at(path));
    act(proofs, mounts);
    return proofs.proven();
  };

  it.each<[string, Parameters<typeof provenAfter>[0], readonly string[]]>([
    ['all that was noted', () => {}, ['', 'a', 'a/b', 'c']],
    ['nothing above what was spoilt, and what lies beside it', (proofs) => proofs.spoil(at('a/b')), ['c']],
    ['what lies below what was spoilt', (proofs) => proofs.spoil(at('a')), ['a/b', 'c']],
    [
      'nothing that was spoilt before it was noted',
      (proofs) => {
        proofs.spoil(at('c'));
        proofs.note(at('c'));
      },
      ['a', 'a/b'],
    ],
    ['nothing in a mount', (_, mounts) => mounts.add(at('a')), ['', 'c']],
    [
      'what is above a mount in which something was spoilt',
      (proofs, mounts) => {
        mounts.add(at('a'));
        proofs.spoil(at('a/b'));
      },
      ['', 'c'],
    ],
    [
      'nothing above a mount that has ended, if something was spoilt there',
      (proofs, mounts) => {
        mounts.add(at('a'));
        mounts.end(at('a'));
        proofs.spoil(at('a/b'));
      },
      ['c'],
    ],
  ])('are %s', (_, act, expected) => {
    expect(provenAfter(act)).toEqual(expected);
  });
});
