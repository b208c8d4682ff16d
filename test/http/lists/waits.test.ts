import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awaitedSpace } from '../../../src/domain/lists/space-states.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Space } from '../../../src/domain/model/space.js';
import { createWaits } from '../../../src/http/lists/waits.js';

const spaceOf = (user: string, revision: number): Space => ({
  ...awaitedSpace({ user, url: 'http://dav.test/' }),
  id: 1,
  revision,
});

/** Waits over spaces whose revisions a test sets. */
function waitsScene() {
  const revisions = new Map<string, number>();
  let stamp = 0;
  const index: { isAway: boolean; isServingStale: boolean } = { isAway: false, isServingStale: true };
  const spacesOf = vi.fn(async (users: readonly string[]) => {
    if (index.isAway) throw new OvadexError('index', 'the database can not be reached at present');
    return users.flatMap((user) => {
      const revision = revisions.get(user);
      return revision === undefined ? [] : [spaceOf(user, revision)];
    });
  });
  const waits = createWaits({
    catalogue: { spacesOf },
    // Nobody knows whether anything was written.
    changes: { current: () => (index.isAway ? ++stamp : stamp) },
    isServingStale: () => index.isAway && index.isServingStale,
    perUser: 20,
    steadyClock: () => Date.now(),
  });
  const woken: string[] = [];
  return {
    waits,
    woken,
    spacesOf,
    index,
    commit(user: string, revision: number) {
      revisions.set(user, revision);
      stamp += 1;
    },
    wait(user: string, seconds: number, revision = 1, whenGone: (gone: () => void) => void = () => undefined) {
      if (!revisions.has(user)) revisions.set(user, revision);
      return waits.forOther(user, spaceOf(user, revision), seconds, () => void woken.push(user), whenGone);
    },
  };
}

describe('waiting for another list', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => vi.useRealTimers());

  it('ends with a commit, for those whose list it is', async () => {
    const { wait, commit, woken, waits } = waitsScene();
    wait('jm', 30);
    wait('lab', 30);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(woken).toEqual([]);
    commit('jm', 2);
    await vi.advanceTimersByTimeAsync(200);
    expect([woken, waits.count()]).toEqual([['jm'], 1]);
  });

  it('ends with a commit that was made before the wait began', async () => {
    const { wait, commit, woken } = waitsScene();
    wait('lab', 30);
    commit('jm', 2);
    await vi.advanceTimersByTimeAsync(1_000);
    wait('jm', 30, 1);
    await vi.advanceTimersByTimeAsync(200);
    expect(woken).toEqual(['jm']);
  });

  it('ends after its time, and asks for no space while nobody writes', async () => {
    const { wait, woken, spacesOf, waits } = waitsScene();
    wait('jm', 30);
    await vi.advanceTimersByTimeAsync(29_900);
    expect(woken).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    expect([woken, waits.count(), vi.getTimerCount()]).toEqual([['jm'], 0, 0]);
    expect(spacesOf).toHaveBeenCalledTimes(1);
  });

  it('ends if the client is gone, and keeps nothing of it', async () => {
    const { wait, waits, woken } = waitsScene();
    const leavers: (() => void)[] = [];
    wait('jm', 30, 1, (gone) => void leavers.push(gone));
    expect(waits.count()).toBe(1);
    for (const gone of [...leavers, ...leavers]) gone();
    expect(waits.counts()).toEqual({ clients: 0, streams: 0 });
    expect(waits.count()).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect([woken, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('goes on in a place that is kept, with a beat every 15 seconds, until that is left', async () => {
    const { waits, commit } = waitsScene();
    commit('jm', 1);
    const place = waits.place('jm', () => undefined);
    const beat = vi.fn();
    const ended = vi.fn();
    const wait = (revision: number) => place?.forOther(spaceOf('jm', revision), 60, beat).then(ended);
    void wait(1);
    await vi.advanceTimersByTimeAsync(46_000);
    expect([beat.mock.calls.length, ended.mock.calls.length]).toEqual([3, 0]);
    commit('jm', 2);
    await vi.advanceTimersByTimeAsync(200);
    expect(ended).toHaveBeenCalledTimes(1);
    void wait(2);
    place?.leave();
    place?.leave();
    await vi.advanceTimersByTimeAsync(200);
    expect([ended.mock.calls.length, waits.count(), vi.getTimerCount()]).toEqual([2, 0, 0]);
    await wait(2);
    expect(ended).toHaveBeenCalledTimes(3);
  });

  it('counts places that are kept among those of a user, and ends them at a stop', async () => {
    const { waits, wait } = waitsScene();
    const end = vi.fn();
    const places = Array.from({ length: 20 }, () => waits.place('jm', () => end()));
    expect([waits.place('jm', end), wait('jm', 30), wait('lab', 30)]).toEqual([null, false, true]);
    expect(waits.counts()).toEqual({ clients: 1, streams: 20 });
    places[0]?.leave();
    expect(wait('jm', 30)).toBe(true);
    waits.end();
    expect(end).toHaveBeenCalledTimes(19);
    expect(waits.counts().clients).toBe(0);
    expect(waits.place('other', end)).toBeNull();
  });

  it('is refused to one of too many of a user, and not to others', () => {
    const { wait } = waitsScene();
    expect(Array.from({ length: 21 }, () => wait('jm', 30)).filter(Boolean)).toHaveLength(20);
    expect(wait('lab', 30)).toBe(true);
  });

  it('ends for everybody at a stop, after which nobody waits', async () => {
    const { wait, waits, woken } = waitsScene();
    for (const user of ['jm', 'lab']) wait(user, 60);
    waits.end();
    await vi.advanceTimersByTimeAsync(0);
    expect([woken, waits.count(), vi.getTimerCount(), wait('jm', 60)]).toEqual([['jm', 'lab'], 0, 0, false]);
  });

  it('ends for thousands in turn, so that others are answered in between', async () => {
    const { wait, commit, woken } = waitsScene();
    for (let i = 0; i < 1_000; i++) wait(`user-${i}`, 60);
    for (let i = 0; i < 1_000; i++) commit(`user-${i}`, 2);
    const inTurns: number[] = [];
    const everyTurn = () => {
      inTurns.push(woken.length);
      if (woken.length < 1_000) setImmediate(everyTurn);
    };
    const advanced = vi.advanceTimersByTimeAsync(101);
    setImmediate(everyTurn);
    await advanced;
    await vi.waitFor(() => expect(woken).toHaveLength(1_000));
    const inEach = inTurns.map((count, at) => count - (inTurns[at - 1] ?? 0));
    // Two of them are the most that may fall between two turns of this test.
    expect(Math.max(...inEach)).toBeLessThanOrEqual(100);
  });

  it('ends for one of each user before it ends for the others, who are told the same', async () => {
    const { wait, commit, woken } = waitsScene();
    for (const user of ['jm', 'jm', 'jm', 'lab', 'lab']) wait(user, 60);
    for (const user of ['jm', 'lab']) commit(user, 2);
    await vi.advanceTimersByTimeAsync(101);
    await vi.waitFor(() => expect(woken).toEqual(['jm', 'lab', 'jm', 'jm', 'lab']));
  });

  it('asks for the space of one who comes alone, and not for those of all who wait', async () => {
    const { wait, spacesOf, commit, woken } = waitsScene();
    for (const user of ['jm', 'lab']) wait(user, 60);
    await vi.advanceTimersByTimeAsync(1_000);
    wait('new', 60);
    wait('new', 60);
    await vi.advanceTimersByTimeAsync(1_000);
    commit('lab', 2);
    await vi.advanceTimersByTimeAsync(200);
    expect(spacesOf.mock.calls).toEqual([[['jm', 'lab']], [['new']], [['jm', 'lab', 'new']]]);
    expect(woken).toEqual(['lab']);
  });

  it('ends within a second of a commit, however long it takes to look at the spaces', async () => {
    const { wait, commit, spacesOf, woken } = waitsScene();
    wait('jm', 60);
    spacesOf.mockImplementationOnce(async () => {
      vi.setSystemTime(Date.now() + 200); // a look that takes 0.2 s; a twentieth of the time would be four seconds
      return [spaceOf('jm', 1)];
    });
    await vi.advanceTimersByTimeAsync(150);
    commit('jm', 2);
    await vi.advanceTimersByTimeAsync(600);
    expect(woken).toEqual(['jm']);
  });

  it('ends for everybody if the index can not be read, which the answer tells then', async () => {
    const { wait, spacesOf, woken } = waitsScene();
    spacesOf.mockRejectedValue(new Error('the disk is gone'));
    wait('jm', 60);
    await vi.advanceTimersByTimeAsync(200);
    expect(woken).toEqual(['jm']);
  });

  it('tells others of a stop, once, and at once whoever comes after it', () => {
    const { waits } = waitsScene();
    const end = vi.fn();
    waits.atEnd(end);
    expect(end).not.toHaveBeenCalled();
    expect(waits.counts()).toEqual({ clients: 0, streams: 0 });
    waits.end();
    waits.atEnd(end);
    expect(end).toHaveBeenCalledTimes(2);
  });

  it('ends once for whoever has not been told that the index is away, and for whoever has once it is back', async () => {
    const { waits, wait, index, woken } = waitsScene();
    wait('jm', 30);
    const told = spaceOf('lab', 1);
    waits.forOther(
      'lab',
      told,
      30,
      () => void woken.push('lab'),
      () => undefined,
      true,
    );
    const place = waits.place('ada', () => undefined);
    void place?.forOther(null, 60, () => undefined).then(() => woken.push('ada'));
    index.isAway = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(woken).toEqual(['jm']);
    index.isAway = false;
    await vi.advanceTimersByTimeAsync(600);
    expect(woken).toEqual(['jm', 'lab']);
    place?.leave();
  });

  it('ends for all who wait once nothing more is served of an index that is away', async () => {
    const { waits, index, woken } = waitsScene();
    waits.forOther(
      'lab',
      spaceOf('lab', 1),
      30,
      () => void woken.push('lab'),
      () => undefined,
      true,
    );
    index.isAway = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(woken).toEqual([]);
    index.isServingStale = false;
    await vi.advanceTimersByTimeAsync(600);
    expect(woken).toEqual(['lab']);
  });
});
