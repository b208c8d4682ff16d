import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPathHints } from '../../../src/crawl/hints/path-hints.js';
import type { RosterEntry } from '../../../src/crawl/spaces/space-roster.js';
import { awaitedSpace } from '../../../src/domain/lists/space-states.js';
import type { PathHint } from '../../../src/domain/model/path-hint.js';

const entry = (id: number, user: string, url: string): RosterEntry => ({
  space: { ...awaitedSpace({ user, url }), id },
  settings: { user, url, auth: { type: 'none' }, watchDirectory: null },
});
const DAV = 'https://cloud.example.org/remote.php/dav/files';

describe('hints at paths', () => {
  let entries: readonly RosterEntry[];
  let settings: readonly RosterEntry['settings'][];
  let followed: (readonly [number, readonly string[]])[];
  let counts: { taken: number; ignored: number };
  let hints: ReturnType<typeof createPathHints>;

  const configure = (...next: readonly RosterEntry[]) => {
    entries = next;
    settings = next.map((each) => each.settings);
  };
  const ofSpace = (user: string, ...paths: readonly string[]): PathHint[] =>
    paths.map((path) => ({ below: 'space', user, path }));
  const ofHome = (user: string, path: string): PathHint => ({ below: 'home', user, path });

  beforeEach(() => {
    vi.useFakeTimers();
    followed = [];
    counts = { taken: 0, ignored: 0 };
    configure(
      entry(1, 'jm', `${DAV}/jm/`),
      entry(2, 'lab', `${DAV}/4711/images/`),
      entry(3, 'lab2', `${DAV}/4711/more/`),
    );
    hints = createPathHints({
      settings: () => settings,
      entries: () => entries,
      isExcluded: (path) => path.endsWith('.part'),
      onHint: (spaceId, changed) => void followed.push([spaceId, changed]),
      onTaken: (taken, ignored) => {
        counts.taken += taken;
        counts.ignored += ignored;
      },
      steadyClock: Date.now,
    });
  });
  afterEach(() => {
    hints.stop();
    vi.useRealTimers();
  });

  it('hands on the collections of a moment together', () => {
    hints.take(ofSpace('jm', 'a/x.ova', 'a/y.ova'));
    vi.advanceTimersByTime(100);
    hints.take([ofHome('jm', 'b/x.ova')]);
    expect(followed).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(followed).toEqual([[1, ['a', 'b']]]);
    expect(counts).toEqual({ taken: 3, ignored: 0 });
  });

  it('follows each within a second of the one before', () => {
    hints.take(ofSpace('jm', 'a/x.ova'));
    vi.advanceTimersByTime(300);
    hints.take(ofSpace('jm', 'a/y.ova'));
    vi.advanceTimersByTime(999);
    expect(followed).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(followed).toHaveLength(2);
  });

  it('lists a space that changes all the time twice a minute', () => {
    for (let n = 0; n < 3_000; n++) {
      hints.take(ofSpace('jm', 'a/x.ova'));
      vi.advanceTimersByTime(100);
    }
    // 300 s: six of them until the gap is 30 s long, the rest after that.
    expect(followed.length).toBeGreaterThanOrEqual(12);
    expect(followed.length).toBeLessThanOrEqual(16);
  });

  it('finds the space by the account of its URL, below which it may begin', () => {
    hints.take([ofHome('4711', 'images/a/x.ova'), ofHome('4711', 'more/x.ova'), ofHome('4711', 'thesis/x.ova')]);
    vi.advanceTimersByTime(300);
    expect(followed).toEqual([
      [2, ['a']],
      [3, ['']],
    ]);
    expect(counts).toEqual({ taken: 2, ignored: 1 });
  });

  it('ignores unknown users, an account by the name of another space, and what is excluded', () => {
    hints.take([
      ...ofSpace('nobody', 'x.ova'),
      ofHome('lab', 'images/x.ova'),
      ...ofSpace('4711', 'x.ova'),
      ...ofSpace('jm', 'x.ova.part', '../x.ova'),
    ]);
    vi.advanceTimersByTime(60_000);
    expect(followed).toEqual([]);
    expect(counts).toEqual({ taken: 0, ignored: 5 });
  });

  it('hands on more collections than a sync takes as targets, but not many more', () => {
    for (let n = 0; n < 50; n++) hints.take(ofSpace('jm', ...Array.from({ length: 100 }, (_, at) => `${n}-${at}/`)));
    vi.advanceTimersByTime(300);
    expect(followed).toHaveLength(1);
    expect(followed[0]?.[1]).toHaveLength(101);
  });

  it('knows spaces that come later', () => {
    hints.take(ofSpace('new', 'x.ova'));
    configure(...entries, entry(4, 'new', `${DAV}/new/`));
    hints.take(ofSpace('new', 'x.ova'));
    vi.advanceTimersByTime(300);
    expect(followed).toEqual([[4, ['']]]);
  });

  it('follows none any more once stopped', () => {
    hints.take(ofSpace('jm', 'x.ova'));
    hints.stop();
    vi.advanceTimersByTime(60_000);
    expect(followed).toEqual([]);
  });
});
