import { describe, expect, test } from 'vitest';
import {
  explainName,
  explainPath,
  listingRules,
  type PathReason,
  type PathTrace,
  type SpaceOfPath,
} from '../../../src/domain/diagnosis/why.js';
import { describeReason, OPERATOR, OWNER } from '../../../src/domain/diagnosis/why-words.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';

const T = Date.UTC(2026, 2, 2, 10);
const at = (path: string) => path as ResourcePath;
const WELL: SpaceOfPath = { trouble: null, heldRemovals: null, lastSyncAt: T, nextSyncAt: T + 1 };
const folder = (path: string, isListed = true) => ({ path: at(path), isListed, listedAt: T - 1 });
const NOTHING: PathTrace = { image: null, folder: folder('a'), warnings: [], elsewhere: [] };
const SHOWN = { missingSince: null, absentSince: null, isSettled: true };

const RULES = listingRules({
  exclude: ['.snapshot', 'archive/**', '*.backup.ova'],
  excludeDefaults: false,
  maxDepth: 3,
});

function explain(path: string, trace: Partial<PathTrace> = {}, space: Partial<SpaceOfPath> = {}): PathReason {
  return explainPath(at(path), { trace: { ...NOTHING, ...trace }, space: { ...WELL, ...space }, rules: RULES });
}

const trouble = (kind: 'failed' | 'incomplete' | 'unauthorized') => ({ kind, message: 'it said so', at: T });

describe('why a path is listed or not', () => {
  test.each<[what: string, PathReason, expected: PathReason]>([
    ['shown', explain('a/x.ova', { image: SHOWN }), { kind: 'listed', isSettled: true }],
    [
      'shown while the space fails',
      explain('a/x.ova', { image: SHOWN }, { trouble: trouble('failed') }),
      { kind: 'listed', isSettled: true },
    ],
    [
      'shown, and perhaps under way',
      explain('a/x.ova', { image: { ...SHOWN, isSettled: false } }),
      { kind: 'listed', isSettled: false },
    ],
    ['shown, and excluded since', explain('archive/x.ova', { image: SHOWN }), { kind: 'listed', isSettled: true }],
    [
      'its removal is held',
      explain('a/x.ova', { image: { ...SHOWN, missingSince: null, absentSince: 7 } }, { heldRemovals: 1 }),
      { kind: 'held', since: 7, isHeld: true },
    ],
    [
      'missed once',
      explain('a/x.ova', { image: { ...SHOWN, missingSince: null, absentSince: 7 } }),
      { kind: 'held', since: 7, isHeld: false },
    ],
    [
      'excluded by its name',
      explain('a/x.backup.ova'),
      { kind: 'excluded', glob: '*.backup.ova', at: at('a/x.backup.ova') },
    ],
    [
      'excluded by a folder',
      explain('a/.snapshot/b/x.ova'),
      { kind: 'excluded', glob: '.snapshot', at: at('a/.snapshot') },
    ],
    ['excluded by a path', explain('archive/x.ova'), { kind: 'excluded', glob: 'archive/**', at: at('archive') }],
    [
      'excluded, once listed',
      explain('a/.snapshot/x.ova', { image: { ...SHOWN, missingSince: 5, absentSince: null } }),
      { kind: 'excluded', glob: '.snapshot', at: at('a/.snapshot') },
    ],
    ['no image', explain('a/x.iso'), { kind: 'no-image', name: 'x.iso', isAppleDouble: false }],
    ['an upload under way', explain('a/x.ova.part'), { kind: 'no-image', name: 'x.ova.part', isAppleDouble: false }],
    ['of macOS', explain('a/._x.ova'), { kind: 'no-image', name: '._x.ova', isAppleDouble: true }],
    ['too deep', explain('a/b/c/d/x.ova'), { kind: 'too-deep', depth: 4, maxDepth: 3 }],
    [
      'suspended',
      explain('a/x.ova', {}, { trouble: trouble('unauthorized') }),
      { kind: 'suspended', since: T, message: 'it said so' },
    ],
    [
      'failing',
      explain('a/x.ova', {}, { trouble: trouble('failed') }),
      { kind: 'failing', since: T, message: 'it said so' },
    ],
    ['never synced', explain('a/x.ova', { folder: null }), { kind: 'never-synced' }],
    ['not to an end yet', explain('a/x.ova', {}, { lastSyncAt: null }), { kind: 'never-synced' }],
    [
      'a folder that can not be listed',
      explain('a/b/x.ova', { warnings: ['/z: 500', '/a/b: 403 Forbidden'] }, { trouble: trouble('incomplete') }),
      { kind: 'folder-closed', folder: at('a/b'), message: '403 Forbidden' },
    ],
    [
      'a folder far above that can not be listed',
      explain('a/b/x.ova', { folder: folder(''), warnings: ['/a: 403: no rights'] }),
      { kind: 'folder-closed', folder: at('a'), message: '403: no rights' },
    ],
    [
      'another folder of a like name',
      explain('a/x.ova', { warnings: ['/a/b: 403', '/ab: 403'] }),
      { kind: 'not-there', folder: at('a'), lookedAt: T - 1 },
    ],
    [
      'gone',
      explain('a/x.ova', { image: { ...SHOWN, missingSince: 5, absentSince: null } }),
      { kind: 'gone', since: 5 },
    ],
    [
      'in a folder that is not there',
      explain('a/b/x.ova'),
      { kind: 'folder-unknown', folder: at('a/b'), lookedAt: T - 1 },
    ],
    [
      'in a folder of such',
      explain('a/b/x.ova', { folder: folder('') }),
      { kind: 'folder-unknown', folder: at('a'), lookedAt: T - 1 },
    ],
    [
      'in a new folder',
      explain('a/x.ova', { folder: folder('a', false) }),
      { kind: 'folder-unlisted', folder: at('a') },
    ],
    ['not there', explain('a/x.ova'), { kind: 'not-there', folder: at('a'), lookedAt: T - 1 }],
    [
      'not in the root',
      explain('x.ova', { folder: { ...folder(''), listedAt: null } }),
      { kind: 'not-there', folder: at(''), lookedAt: T },
    ],
  ])('%s', (_what, reason, expected) => {
    expect(reason).toEqual(expected);
  });

  test.each<[PathReason, listed: boolean, message: string, action: string | null]>([
    [{ kind: 'listed', isSettled: true }, true, 'it is listed', null],
    [{ kind: 'listed', isSettled: false }, true, 'may still be being uploaded', 'wait until it is complete'],
    [{ kind: 'not-seen', lookedAt: T }, false, 'no image of that name', 'ovadex sync --user jm'],
    [
      { kind: 'held', since: T, isHeld: true },
      true,
      'not shown it since 2026-03-02T10:00:00Z',
      'ovadex held --user jm',
    ],
    [{ kind: 'excluded', glob: '@eaDir', at: at('a/@eaDir') }, false, '"@eaDir" excludes "a/@eaDir"', 'crawl.exclude'],
    [
      { kind: 'no-image', name: 'x.iso', isAppleDouble: false },
      false,
      'only names that end in .ova or .ovf',
      'rename it',
    ],
    [{ kind: 'too-deep', depth: 70, maxDepth: 64 }, false, '70 folders deep', 'crawl.maxDepth'],
    [
      { kind: 'suspended', since: T, message: '401' },
      false,
      'suspended since 2026-03-02T10:00:00Z',
      'ovadex resume --user jm',
    ],
    [
      { kind: 'folder-closed', folder: at(''), message: '403' },
      false,
      "the space's root could not be listed",
      'the right to list it',
    ],
    [
      { kind: 'not-there', folder: at('a'), lookedAt: T },
      false,
      'not in "a" when that was last checked, at 2026',
      'the next check is at 2026-03-02T10:15:00Z; ovadex sync --user jm checks now',
    ],
  ])('is told in words: %j', (reason, isListed, message, action) => {
    const told = describeReason(reason, OPERATOR('jm'), { nextSyncAt: T + 900_000, now: T });
    expect(told.isListed).toBe(isListed);
    expect(told.message).toContain(message);
    if (action === null) expect(told.action).toBeNull();
    else expect(told.action).toContain(action);
  });

  test.each([
    ['before it', T - 1, 'the next check is at 2026-03-02T10:00:00Z; '],
    ['once it is due', T, 'the next sync checks it again; '],
  ])('names the next check %s', (_, now, action) => {
    const reason = { kind: 'not-there', folder: at('a'), lookedAt: T } as const;
    const told = describeReason(reason, OPERATOR('jm'), { nextSyncAt: T, now });
    expect(told.action).toContain(action);
  });

  test.each<[PathReason, mayLink: boolean, action: string]>([
    [{ kind: 'held', since: T, isHeld: true }, false, 'until an administrator decides'],
    [{ kind: 'held', since: T, isHeld: false }, false, 'PATCH /v2/user/image/vm has it checked now'],
    [{ kind: 'excluded', glob: '@eaDir', at: at('@eaDir') }, false, 'move or rename it'],
    [{ kind: 'too-deep', depth: 70, maxDepth: 64 }, false, 'move it up'],
    [{ kind: 'suspended', since: T, message: '401' }, true, 'POST /v2/user/space/link'],
    [{ kind: 'suspended', since: T, message: '401' }, false, 'log in again'],
    [{ kind: 'folder-closed', folder: at('a'), message: '403' }, false, 'the account by which'],
  ])('is told to the owner of a space in what an owner can do: %j, %s', (reason, mayLink, action) => {
    const told = describeReason(reason, OWNER(mayLink), { nextSyncAt: T + 900_000, now: T });
    expect(told.action).toContain(action);
    expect(told.action).not.toMatch(/ovadex (sync|held|resume)|crawl\./);
  });

  test.each<[what: string, name: string, trace: Partial<PathTrace>, space: Partial<SpaceOfPath>, PathReason]>([
    ['excluded', 'x.backup.ova', {}, {}, { kind: 'excluded', glob: '*.backup.ova', at: at('x.backup.ova') }],
    ['no image', 'x.iso', {}, {}, { kind: 'no-image', name: 'x.iso', isAppleDouble: false }],
    [
      'maybe in a folder that can not be listed',
      'x.ova',
      { warnings: ['3 others', '/a/b: 403: no'] },
      {},
      { kind: 'folder-closed', folder: at('a/b'), message: '403: no' },
    ],
    ['never synced', 'x.ova', {}, { lastSyncAt: null }, { kind: 'never-synced' }],
    ['failing', 'x.ova', {}, { trouble: trouble('failed') }, { kind: 'failing', since: T, message: 'it said so' }],
    ['nowhere', 'x.ova', {}, {}, { kind: 'not-seen', lookedAt: T }],
    [
      'nowhere, before the root was listed',
      'x.ova',
      { folder: folder('', false) },
      {},
      { kind: 'not-seen', lookedAt: T },
    ],
  ])('of a name that is known nowhere: %s', (_what, name, trace, space, expected) => {
    const known = { trace: { ...NOTHING, folder: folder(''), ...trace }, space: { ...WELL, ...space }, rules: RULES };
    expect(explainName(name, known)).toEqual(expected);
  });
});
