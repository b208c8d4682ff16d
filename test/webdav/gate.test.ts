import { expect, test } from 'vitest';
import { createGate } from '../../src/webdav/gate.js';

const NEVER = new AbortController().signal;

function createFixture(limit: number) {
  let now = 0;
  const slept: number[] = [];
  const gate = createGate({
    limit,
    clock: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  });
  return { gate, slept };
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

  (await b)();
  await settle();
  expect(entered).toEqual(['a', 'b', 'c']);

  (await a)();
  (await c)();
  await settle();
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

test('a place that is given back twice is given back once', async () => {
  const { gate } = createFixture(1);
  const leave = await gate.enter(NEVER);
  leave();
  leave();
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
  leave();
  await expect(next).resolves.toBeTypeOf('function');
});

test('nobody enters with an aborted signal', async () => {
  const { gate } = createFixture(1);
  await expect(gate.enter(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  await expect(gate.enter(NEVER)).resolves.toBeTypeOf('function');
});

test('a pause holds everybody; a shorter one does not end it', async () => {
  const { gate, slept } = createFixture(2);
  gate.pause(1_000);
  gate.pause(10);
  await gate.enter(NEVER);
  await gate.enter(NEVER);
  expect(slept).toEqual([1_000]);
});

test('a place comes back from one that gives up during a pause', async () => {
  let interrupt: (() => void) | undefined;
  const gate = createGate({
    limit: 1,
    clock: () => 0,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        interrupt = () => reject(signal.reason);
      }),
  });
  gate.pause(1_000);
  const paused = new AbortController();
  const given = expect(gate.enter(paused.signal)).rejects.toThrow('enough');
  const behind = new AbortController();
  const waiting = expect(gate.enter(behind.signal)).rejects.toThrow('later');
  await settle();

  paused.abort(new Error('enough'));
  interrupt?.();
  await given;
  await settle();
  behind.abort(new Error('later'));
  interrupt?.();
  await waiting;
});
