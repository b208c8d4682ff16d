import { describe, expect, test } from 'vitest';
import { createGate, type Gate, type Leave } from '../../src/webdav/gate.js';

const NEVER = new AbortController().signal;

function createFixture(limit: number) {
  let now = 0;
  const slept: number[] = [];
  const gate = createGate({
    limit,
    steadyClock: () => now,
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

/** Lets everything go on that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('lets as many in as its limit, the others in their order', async () => {
  const { gate } = createFixture(2);
  const entered: string[] = [];
  const enter = (name: string) =>
    gate.enter(NEVER).then((leave) => {
      entered.push(name);
      return leave;
    });
  const [a, b, c] = [enter('a'), enter('b'), enter('c'), enter('d')];
  await settle();
  expect(entered).toEqual(['a', 'b']);

  (await b)(true);
  await settle();
  expect(entered).toEqual(['a', 'b', 'c']);

  (await a)(true);
  (await c)(true);
  await settle();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

test('a place that is given back twice is given back once', async () => {
  const { gate } = createFixture(1);
  const leave = await gate.enter(NEVER);
  leave(true);
  leave(true);
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
  const leave = await gate.enter(NEVER);
  const impatient = new AbortController();
  const given = expect(gate.enter(impatient.signal)).rejects.toThrow('enough');
  const next = gate.enter(NEVER);
  impatient.abort(new Error('enough'));
  await given;
  leave(true);
  await expect(next).resolves.toBeTypeOf('function');
});

test('nobody enters with an aborted signal', async () => {
  const { gate } = createFixture(1);
  await expect(gate.enter(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  await expect(gate.enter(NEVER)).resolves.toBeTypeOf('function');
});

describe('a host that asks for quiet', () => {
  test('is left alone by everybody; a shorter pause does not end a longer one', async () => {
    const { gate, slept } = createFixture(2);
    gate.slowDown(1_000);
    gate.slowDown(10);
    const leave = await gate.enter(NEVER);
    leave(true);
    await gate.enter(NEVER);
    expect(slept).toEqual([1_000]);
  });

  test('is left alone for longer where it says so in the meantime', async () => {
    const alarms: (() => void)[] = [];
    let now = 0;
    const sleep = () => new Promise<void>((resolve) => void alarms.push(resolve));
    const gate = createGate({ limit: 1, steadyClock: () => now, sleep });
    gate.slowDown(1_000);
    let hasEntered = false;
    const entering = gate.enter(NEVER).then(() => {
      hasEntered = true;
    });
    gate.slowDown(3_000);
    now = 1_000;
    alarms[0]?.();
    await settle();
    expect(hasEntered).toBe(false);
    now = 3_000;
    alarms[1]?.();
    await entering;
  });

  test('is waited for also where the pause ends while the gate looks at the clock', async () => {
    // Asked for quiet at 0, for 10 ms; somebody comes just before that, and each look takes a moment.
    const moments = [0, 9, 9.5, 10.5];
    const steadyClock = () => moments.shift() ?? 11;
    const gate = createGate({ limit: 1, steadyClock, sleep: async () => undefined });
    gate.slowDown(10);
    (await gate.enter(NEVER))(true);
  });

  test('is waited for by one timer, which ends with the last one who waits', async () => {
    const signals: AbortSignal[] = [];
    const gate = createGate({
      limit: 1,
      steadyClock: () => 0,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    gate.slowDown(1_000);
    const [first, second] = [new AbortController(), new AbortController()];
    const given = [first, second].map(({ signal }) => expect(gate.enter(signal)).rejects.toThrow('enough'));
    first.abort(new Error('enough'));
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort(new Error('enough'));
    await Promise.all(given);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  /** How many the gate lets in at once now; all of them leave with a good answer. */
  const atOnce = async (gate: Gate): Promise<number> => {
    const entered: Leave[] = [];
    const all = Array.from({ length: 20 }, () => {
      const impatient = new AbortController();
      const enter = async () => void entered.push(await gate.enter(impatient.signal));
      return { impatient, done: enter().catch(() => undefined) };
    });
    await settle();
    const count = entered.length;
    for (const { impatient } of all) impatient.abort();
    await Promise.all(all.map(({ done }) => done));
    for (const leave of entered) leave(false);
    return count;
  };
  const answerWell = async (gate: Gate, times: number) => {
    for (let i = 0; i < times; i++) (await gate.enter(NEVER))(true);
  };

  test('gets half as many at once, at least one', async () => {
    const { gate, passTime } = createFixture(16);
    const counts = [await atOnce(gate)];
    for (let i = 0; i < 6; i++) {
      gate.slowDown(100);
      passTime(100);
      counts.push(await atOnce(gate));
    }
    expect(counts).toEqual([16, 8, 4, 2, 1, 1, 1]);
  });

  test('is halved once for all that were on their way when it said so', async () => {
    const { gate, passTime } = createFixture(16);
    for (let i = 0; i < 16; i++) gate.slowDown(100);
    passTime(100);
    expect(await atOnce(gate)).toBe(8);
  });

  test('gets one more after 64 good answers, never more than the limit', async () => {
    const { gate, passTime } = createFixture(4);
    gate.slowDown(100);
    passTime(100);
    await answerWell(gate, 63);
    expect(await atOnce(gate)).toBe(2);
    await answerWell(gate, 1);
    expect(await atOnce(gate)).toBe(3);
    await answerWell(gate, 640);
    expect(await atOnce(gate)).toBe(4);
  });

  test('keeps no place for those that were let in before and are still there', async () => {
    const { gate, passTime } = createFixture(4);
    const leaves = await Promise.all(Array.from({ length: 4 }, () => gate.enter(NEVER)));
    gate.slowDown(100);
    passTime(100);
    let hasEntered = false;
    const entering = gate.enter(NEVER).then(() => {
      hasEntered = true;
    });
    leaves[0]?.(false);
    leaves[1]?.(false);
    await settle();
    expect(hasEntered).toBe(false);
    leaves[2]?.(false);
    await entering;
  });
});
