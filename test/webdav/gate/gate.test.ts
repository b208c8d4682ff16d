import { setMaxListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createGate, type Gate, type Leave, type Refused } from '../../../src/webdav/gate/gate.js';
import type { End } from '../../../src/webdav/transport/waiting-line.js';

const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

function createFixture(limit: number) {
  let now = 0;
  const slept: number[] = [];
  const gate = createGate({
    limit,
    steadyClock: () => now,
    random: () => 1,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  });
  const passTime = (ms: number) => {
    now += ms;
  };
  return { gate, slept, passTime };
}

/** What a host says that has too much to do. */
const BUSY: Refused = { askedMs: null, detail: 'answered 429', ownRefusals: 0 };
const busyFor = (askedMs: number): Refused => ({ ...BUSY, askedMs });

/** Enters a gate that isn't given up. */
async function enter(gate: Gate, signal = NEVER, end?: End): Promise<Leave> {
  const entry = await gate.enter(signal, end);
  if ('refusal' in entry) throw new Error(entry.refusal);
  return entry.leave;
}
/** One request after the other, each with this result. */
async function ask(gate: Gate, ...results: readonly Parameters<Leave>[0][]): Promise<void> {
  for (const result of results) (await enter(gate))(result);
}

/** Lets everything go on that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('lets no more in than it was narrowed to, and never more again', async () => {
  const { gate } = createFixture(8);
  const first = await Promise.all(Array.from({ length: 6 }, () => enter(gate)));
  gate.narrow(2);
  gate.narrow(4);
  let entered = 0;
  for (let n = 0; n < 200; n++) {
    void enter(gate).then(async (leave) => {
      entered++;
      await settle();
      leave('let through');
    });
  }
  for (const leave of first.slice(0, 4)) leave('let through');
  await settle();
  expect(entered).toBe(0);
  first[4]?.('let through');
  first[5]?.('let through');
  for (let n = 0; n < 200 && entered < 200; n++) {
    const before = entered;
    await settle();
    expect(entered - before).toBeLessThanOrEqual(2);
  }
});

test('lets as many in as its limit, the others in their order', async () => {
  const { gate } = createFixture(2);
  const entered: string[] = [];
  const enterAs = async (name: string) => {
    const leave = await enter(gate);
    entered.push(name);
    return leave;
  };
  const [a, b, c] = [enterAs('a'), enterAs('b'), enterAs('c'), enterAs('d')];
  await settle();
  expect(entered).toEqual(['a', 'b']);

  (await b)('let through');
  await settle();
  expect(entered).toEqual(['a', 'b', 'c']);

  (await a)('let through');
  (await c)('let through');
  await settle();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

test('a place that is given back twice is given back once', async () => {
  const { gate } = createFixture(1);
  const leave = await enter(gate);
  leave('let through');
  leave('let through');
  await gate.enter(NEVER);
  let hasEntered = false;
  void gate.enter(NEVER).then(() => {
    hasEntered = true;
  });
  await settle();
  expect(hasEntered).toBe(false);
});

test('one that gives up loses its turn, not the place', async () => {
  const { gate } = createFixture(1);
  const leave = await enter(gate);
  const impatient = new AbortController();
  const given = expect(gate.enter(impatient.signal)).rejects.toThrow('enough');
  const next = enter(gate);
  impatient.abort(new Error('enough'));
  await given;
  leave('let through');
  await expect(next).resolves.toBeTypeOf('function');
});

test('nobody enters with an aborted signal', async () => {
  const { gate } = createFixture(1);
  await expect(gate.enter(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  await expect(enter(gate)).resolves.toBeTypeOf('function');
});

describe('a host that refuses for load', () => {
  test('is left alone by everybody, first for a quarter of a second', async () => {
    const { gate, slept } = createFixture(2);
    await ask(gate, BUSY);
    const [first, second] = [enter(gate), enter(gate)];
    (await first)('let through');
    await second;
    expect(slept).toEqual([250]);
  });

  test('is left alone for longer with each refusal in a row, and no more after a good answer', async () => {
    const { gate, slept } = createFixture(4);
    await ask(gate, BUSY, BUSY, BUSY, 'let through', BUSY, 'let through', 'let through');
    expect(slept.filter((ms) => ms > 100)).toEqual([250, 500, 1_000, 250]);
  });

  test('is left alone as long as it asks; a shorter pause does not end a longer one', async () => {
    const { gate, slept } = createFixture(2);
    const [first, second] = [await enter(gate), await enter(gate)];
    first(busyFor(7_000));
    second(busyFor(10));
    await enter(gate);
    expect(slept).toEqual([7_000]);
  });

  test('is left alone for longer where it says so in the meantime', async () => {
    const alarms: (() => void)[] = [];
    let now = 0;
    const sleep = () => new Promise<void>((resolve) => void alarms.push(resolve));
    const gate = createGate({ limit: 2, steadyClock: () => now, sleep, random: () => 1 });
    const [first, second] = [await enter(gate), await enter(gate)];
    first(busyFor(1_000));
    let hasEntered = false;
    const entering = enter(gate).then(() => {
      hasEntered = true;
    });
    second(busyFor(3_000));
    now = 1_000;
    alarms[0]?.();
    await settle();
    expect(hasEntered).toBe(false);
    now = 3_000;
    alarms[1]?.();
    await entering;
  });

  test('is waited for also where the pause ends while the gate looks at the clock', async () => {
    // Somebody comes just before the end of the pause at 250, and each look takes a moment.
    const moments = [0, 0, 0, 249, 249.5, 250.5];
    const steadyClock = () => moments.shift() ?? 251;
    const gate = createGate({ limit: 1, steadyClock, sleep: async () => undefined, random: () => 1 });
    await ask(gate, BUSY, 'let through');
  });

  test('is waited for by one timer, which ends with the last one who waits', async () => {
    const signals: AbortSignal[] = [];
    const gate = createGate({
      limit: 1,
      steadyClock: () => 0,
      random: () => 1,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    await ask(gate, BUSY);
    const [first, second] = [new AbortController(), new AbortController()];
    const given = [first, second].map(({ signal }) => expect(gate.enter(signal)).rejects.toThrow('enough'));
    first.abort(new Error('enough'));
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort(new Error('enough'));
    await Promise.all(given);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('is asked by one alone behind the pause; the others follow when that was let through', async () => {
    const { gate } = createFixture(16);
    await ask(gate, BUSY);
    const entered: Leave[] = [];
    const all = Array.from({ length: 5 }, async () => void entered.push(await enter(gate)));
    await settle();
    expect(entered).toHaveLength(1);
    entered[0]?.('let through');
    await Promise.all(all);
  });

  test('is asked by the next one where a request failed that should find out', async () => {
    const { gate } = createFixture(16);
    await ask(gate, BUSY, 'failed', 'let through');
  });

  test('is asked for what it refused before all that was never sent', async () => {
    const { gate } = createFixture(1);
    const leave = await enter(gate);
    const order: string[] = [];
    const waiting = (['back', 'front', 'back', 'front'] as const).map(async (end, place) => {
      const go = await enter(gate, NEVER, end);
      order.push(`${end} ${place}`);
      go('let through');
    });
    leave('let through');
    await Promise.all(waiting);
    expect(order).toEqual(['front 1', 'front 3', 'back 0', 'back 2']);
  });

  test('is given up after ten in a row: all that wait are told, and whoever comes then tries it once more', async () => {
    const { gate, slept } = createFixture(2);
    await ask(gate, 'let through', ...Array.from({ length: 9 }, () => BUSY));
    expect(gate.refusal).toBeNull();
    const last = await enter(gate);
    const waiting = [gate.enter(NEVER), gate.enter(NEVER)];
    last(BUSY);
    const words = 'answered 429; the host has refused 10 requests in a row and is left alone';
    expect(await Promise.all(waiting)).toEqual([{ refusal: words }, { refusal: words }]);
    expect(gate.refusal).toBe(words);
    expect(slept.filter((ms) => ms > 100)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await ask(gate, 'let through');
    expect(gate.refusal).toBeNull();
  });

  test('is given up after five where it has never let anything through', async () => {
    const { gate } = createFixture(2);
    await ask(gate, BUSY, BUSY, BUSY, BUSY);
    expect(gate.refusal).toBeNull();
    await ask(gate, BUSY);
    expect(gate.refusal).toContain('5 requests in a row');
  });

  /** How many the gate lets in at once now. */
  const atOnce = async (gate: Gate): Promise<number> => {
    const entered: Leave[] = [];
    const all = Array.from({ length: 20 }, () => {
      const impatient = new AbortController();
      const come = async () => void entered.push(await enter(gate, impatient.signal));
      return { impatient, done: come().catch(() => undefined) };
    });
    for (let i = 0; i < 50; i++) await settle(); // a request every few ms at most
    const count = entered.length;
    for (const { impatient } of all) impatient.abort();
    await Promise.all(all.map(({ done }) => done));
    for (const leave of entered) leave('failed');
    return count;
  };
  const times = <T>(count: number, result: T): T[] => Array.from({ length: count }, () => result);

  test('gets half as many at once, at least one', async () => {
    const { gate } = createFixture(16);
    const counts = [await atOnce(gate)];
    for (let i = 0; i < 6; i++) {
      await ask(gate, BUSY, 'let through');
      counts.push(await atOnce(gate));
    }
    expect(counts).toEqual([16, 8, 4, 2, 1, 1, 1]);
  });

  test('is halved once for all that were on their way when it said so', async () => {
    const { gate } = createFixture(16);
    const leaves = await Promise.all(Array.from({ length: 16 }, () => enter(gate)));
    for (const leave of leaves) leave(BUSY);
    await ask(gate, 'let through');
    expect(await atOnce(gate)).toBe(8);
    expect(gate.refusal).toBeNull();
  });

  /** So many good answers, while others wait for a place. */
  const answerCrowd = async (gate: Gate, count: number) => {
    const leaves: Leave[] = [];
    for (let n = 0; n < count + 20; n++) void enter(gate).then((leave) => leaves.push(leave));
    for (let n = 0; n < count; n++) {
      while (leaves.length === 0) await settle();
      leaves.shift()?.('let through');
    }
    for (let left = 20; left > 0; left--) {
      while (leaves.length === 0) await settle();
      leaves.shift()?.('failed');
    }
  };

  test('gets one more after 64 good answers while others wait, never more than the limit', async () => {
    const { gate } = createFixture(4);
    await ask(gate, BUSY, ...times(200, 'let through' as const));
    expect(await atOnce(gate)).toBe(2);
    await answerCrowd(gate, 63);
    expect(await atOnce(gate)).toBe(2);
    await answerCrowd(gate, 1);
    expect(await atOnce(gate)).toBe(3);
    await answerCrowd(gate, 640);
    expect(await atOnce(gate)).toBe(4);
  });

  test('is only left alone for a moment where it may be the fault of what is asked for', async () => {
    const { gate, slept } = createFixture(16);
    for (let n = 0; n < 5; n++) await ask(gate, 'let through', { ...BUSY, ownRefusals: 1 });
    await ask(gate, 'let through');
    expect(slept).toEqual([250, 250, 250, 250, 250]);
    expect(await atOnce(gate)).toBe(16);
  });

  test('is left alone for longer before the probe of one that it refuses again and again, a second at most', async () => {
    const { gate, slept } = createFixture(16);
    for (const ownRefusals of [1, 2, 3, 7]) {
      await ask(gate, 'let through', { ...BUSY, ownRefusals }, { ...BUSY, ownRefusals });
    }
    await ask(gate, 'let through');
    expect(slept).toEqual([250, 500, 500, 500, 1_000, 500, 1_000, 500]);
  });

  test('tells whether a probe is alone on its way', async () => {
    const { gate } = createFixture(4);
    const [longer, refused] = [await enter(gate), await enter(gate)];
    refused(BUSY);
    expect(await gate.enter(NEVER)).toMatchObject({ isProbe: true, isAlone: false });
    longer('let through');
    const alone = createFixture(4).gate;
    (await enter(alone))(BUSY);
    expect(await alone.enter(NEVER)).toMatchObject({ isProbe: true, isAlone: true });
  });

  test('keeps no place for those that were let in before and are still there', async () => {
    const { gate, passTime } = createFixture(4);
    const leaves = await Promise.all(Array.from({ length: 4 }, () => enter(gate)));
    leaves[0]?.(BUSY);
    passTime(250);
    let hasEntered = false;
    const entering = enter(gate).then(() => {
      hasEntered = true;
    });
    leaves[1]?.('failed');
    await settle();
    expect(hasEntered).toBe(false);
    leaves[2]?.('failed');
    await entering;
  });

  test('is asked no faster than it was seen to take', async () => {
    const { gate, passTime, slept } = createFixture(1);
    for (let i = 0; i < 16; i++) {
      await ask(gate, 'let through');
      passTime(50);
    }
    await ask(gate, BUSY, 'let through');
    slept.length = 0;
    await ask(gate, 'let through', 'let through');
    expect(slept.length).toBe(2);
    for (const ms of slept) expect(ms).toBeGreaterThan(5);
  });

  test('nor is time in which nobody asked held against it', async () => {
    const { gate, passTime, slept } = createFixture(1);
    await ask(gate, 'let through');
    passTime(3_600_000);
    await ask(gate, 'let through', BUSY, 'let through', 'let through');
    expect(Math.max(...slept.slice(1))).toBeLessThan(50);
  });
});
