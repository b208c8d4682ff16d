import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { createIdleWork } from '../../../src/sqlite/lists/idle-work.js';

const until = async (isSo: () => boolean) => {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 10_000) throw new Error('it never came');
    await setImmediate();
  }
};

it('takes one step a turn, none at once, until there is no more to do', async () => {
  const work = createIdleWork(() => 0);
  let steps = 0;
  work.offer(() => ++steps < 5);
  expect(steps).toBe(0);
  let turns = 0;
  await until(() => {
    turns++;
    return steps === 5;
  });
  expect(turns).toBeGreaterThanOrEqual(5);
  for (let n = 0; n < 10; n++) await setImmediate();
  expect(steps).toBe(5);
});

it('drops what is offered meanwhile, and for 19 times as long as the work took', async () => {
  let now = 1_000;
  const work = createIdleWork(() => now);
  const done: string[] = [];
  const offer = (name: string) =>
    work.offer(() => {
      now += 10;
      done.push(name);
      return false;
    });
  offer('first');
  offer('meanwhile');
  await until(() => done.length > 0);
  for (let n = 0; n < 10; n++) await setImmediate();
  now += 185;
  offer('too early');
  for (let n = 0; n < 10; n++) await setImmediate();
  now += 10;
  offer('later');
  await until(() => done.length > 1);
  expect(done).toEqual(['first', 'later']);
});

it('ends with trouble of the index, and takes what comes next', async () => {
  const work = createIdleWork(() => 0);
  let isDone = false;
  work.offer(() => {
    throw new OvadexError('index', 'disk I/O error');
  });
  await until(() => {
    work.offer(() => {
      isDone = true;
      return false;
    });
    return isDone;
  });
});
