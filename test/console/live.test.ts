import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLive, type Looker, type Topic, topicsOf } from '../../src/console/live.js';
import type { Fragment, Live, Visit } from '../../src/console/visit/visit.js';

const VISIT = { now: 0 } as Visit;
const TURN_MS = 2_000;
/** Longer than it takes to tell the streams of any of these tests, one a millisecond. */
const TELLING_MS = 60;

// What is told goes through streams, in turns of the event loop, which are real ones.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
};
/** Lets so many turns pass, with all that they do. */
async function pass(turns: number): Promise<void> {
  await settle();
  for (let turn = 0; turn < turns; turn++) {
    await vi.advanceTimersByTimeAsync(TURN_MS + TELLING_MS);
    await settle();
  }
}

function topic(show: () => Fragment | null, key = 'x'): Topic {
  return { text: key, key, argument: '', show: async () => show() };
}
function looker(topics: readonly Topic[], more: Partial<Looker> = {}): Looker {
  return { owner: 'one', isAllowed: () => true, check: async () => undefined, topics, visit: () => VISIT, ...more };
}
/** Reads what has come so far; `isDone` once the stream has ended. */
function reader(response: Response) {
  const read = { text: '', isDone: false };
  const run = async () => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) read.text += Buffer.from(chunk);
    read.isDone = true;
  };
  void run();
  return read;
}

describe('parts of pages that move', () => {
  it('are told at once, and again only once they are other ones', async () => {
    let shown = 'a';
    const read = reader(createLive().open(looker([topic(() => ({ body: shown, say: 'said' }))])));
    await pass(0);
    expect(read.text).toContain('data: {"topic":"x","html":"a","say":"said","isOver":false}\n\n');
    await pass(3);
    expect(read.text.match(/data:/g)).toHaveLength(1);
    shown = 'b';
    await pass(1);
    expect(read.text).toContain('"html":"b"');
  });

  it('end once they are over', async () => {
    const read = reader(createLive().open(looker([topic(() => ({ body: 'a', isOver: true }))])));
    await pass(0);
    expect(read).toMatchObject({ isDone: true, text: expect.stringContaining('event: over\n') });
    expect(vi.getTimerCount()).toBe(1);
    await pass(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stay as they were told while they are unknown or fail', async () => {
    let turn = 0;
    const show = () => {
      turn++;
      if (turn === 2) throw new Error('broken');
      return turn === 3 ? null : { body: 'a' };
    };
    const read = reader(createLive().open(looker([topic(show)])));
    await pass(3);
    expect(read.isDone).toBe(false);
    expect(read.text.match(/data:/g)).toHaveLength(1);
  });

  it('are shown once a turn, however many look', async () => {
    let count = 0;
    const shared = topic(() => ({ body: `${++count}` }), 'overview');
    const live = createLive();
    const all = Array.from({ length: 50 }, (_, at) => reader(live.open(looker([shared], { owner: `${at}` }))));
    await pass(0);
    count = 100;
    await pass(1);
    expect(count).toBe(101);
    for (const read of all) expect(read.text).toContain('"html":"101"');
  });

  it('end with a token that opens nothing any more, and others are told on', async () => {
    const token: { isRevoked: boolean; isLiving: boolean } = { isRevoked: false, isLiving: true };
    const check = async () => {
      token.isLiving = !token.isRevoked;
    };
    const shared: Topic = {
      ...topic(() => null, 'overview'),
      show: async ({ now }) => (token.isRevoked && now === 1 ? null : { body: `${token.isRevoked}` }),
    };
    const live = createLive();
    const first = { owner: 'revoked', isAllowed: () => token.isLiving, check, visit: () => ({ now: 1 }) as Visit };
    const revoked = reader(live.open(looker([shared], first)));
    const other = reader(live.open(looker([shared], { owner: 'other' })));
    await pass(1);
    token.isRevoked = true;
    await pass(5);
    expect(revoked).toMatchObject({ isDone: true, text: expect.not.stringContaining('"html":"true"') });
    expect(other).toMatchObject({ isDone: false, text: expect.stringContaining('"html":"true"') });
  });

  it('end with the session', async () => {
    let isAllowed = true;
    const read = reader(createLive().open(looker([topic(() => ({ body: 'a' }))], { isAllowed: () => isAllowed })));
    await pass(1);
    expect(read.isDone).toBe(false);
    isAllowed = false;
    await pass(1);
    expect(read.isDone).toBe(true);
  });

  it('end at a stop, at once, and nobody begins to look after it', async () => {
    const live = createLive();
    const read = reader(live.open(looker([topic(() => ({ body: 'a' }))])));
    live.end();
    await pass(0);
    expect(read.isDone).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(live.open(looker([topic(() => null)])).status).toBe(503);
  });

  it('are bounded, for each session and for all', () => {
    const open = (live: ReturnType<typeof createLive>, owner: string) =>
      live.open(looker([topic(() => null)], { owner })).status;
    const live = createLive();
    expect(Array.from({ length: 9 }, () => open(live, 'one'))).toEqual([...Array(8).fill(200), 503]);
    expect(open(live, 'two')).toBe(200);
    const small = createLive({ atMost: 1 });
    expect([open(small, 'one'), open(small, 'two')]).toEqual([200, 503]);
  });

  it('make room when somebody leaves', async () => {
    const live = createLive({ atMost: 1 });
    await live.open(looker([topic(() => null)])).body?.cancel();
    expect(live.open(looker([topic(() => null)])).status).toBe(200);
  });

  it.each([
    [30, 30],
    [2_500, 834],
  ])('%i of them are told within %i ms, evenly, so that others are answered in between', async (streams, within) => {
    let shown = 'a';
    const live = createLive();
    const all = Array.from({ length: streams }, (_, n) =>
      reader(live.open(looker([topic(() => ({ body: shown }))], { owner: `${n}` }))),
    );
    await pass(0);
    shown = 'b';
    await vi.advanceTimersByTimeAsync(TURN_MS);
    const told = () => all.filter(({ text }) => text.includes('"html":"b"')).length;
    await vi.advanceTimersByTimeAsync(within / 2);
    await settle();
    expect(told() / streams).toBeCloseTo(0.5, 1);
    await vi.advanceTimersByTimeAsync(within / 2);
    await settle();
    expect(told()).toBe(streams);
  });

  it('keep connections open that nothing comes on', async () => {
    const read = reader(createLive().open(looker([topic(() => null)])));
    await pass(7);
    expect(read.text).toContain('\n:\n\n');
  });
});

describe('the topics of a page', () => {
  const live: Live = { show: async () => null };
  const lives = new Map<string, Live>([
    ['sync', live],
    ['overview', { ...live, isShared: true }],
  ]);
  const keysOf = (texts: readonly string[], scopes: readonly string[] = []) =>
    topicsOf(lives, texts, { id: 's1', scopes }).map(({ key, argument }) => [key, argument]);

  it('are of a session, or of all administrators', () => {
    expect(keysOf(['sync:12', 'sync:12', 'nothing', '__proto__'])).toEqual([['s1 sync:12', '12']]);
    expect(keysOf(['overview'])).toEqual([]);
    expect(keysOf(['overview'], ['admin'])).toEqual([['overview', '']]);
  });

  it('are a few', () => {
    expect(keysOf(Array.from({ length: 20 }, (_, at) => `sync:${at}`))).toHaveLength(8);
  });
});
