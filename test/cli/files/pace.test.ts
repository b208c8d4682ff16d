import { expect, test } from 'vitest';
import { createPace } from '../../../src/cli/files/pace.js';
import { memorySource } from '../../support/ovf/memory-source.js';

const NEVER = new AbortController().signal;

test('a pace lets so many bytes a second be read of all its sources together, and saves nothing up', async () => {
  let now = 0;
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  const pace = createPace(1_000, { steadyClock: () => now, sleep });
  const [one, other] = [new Uint8Array(5_000), new Uint8Array(5_000)].map((bytes) => pace(memorySource(bytes), NEVER));
  await one?.read(0, 500);
  await other?.read(0, 250);
  await one?.read(500, 600);
  now += 60_000;
  await one?.read(600, 1_600);
  await one?.read(1_600, 1_700);
  expect(waits).toEqual([500, 250, 1_000]);
});

test('a pace ends with the signal that ends its wait', async () => {
  const pace = createPace(1);
  const controller = new AbortController();
  const source = pace(memorySource(new Uint8Array(5_000)), controller.signal);
  await source.read(0, 5_000);
  const second = source.read(0, 1);
  controller.abort();
  await expect(second).rejects.toMatchObject({ name: 'AbortError' });
});
