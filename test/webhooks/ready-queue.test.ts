import { expect, it } from 'vitest';
import { createReadyQueue } from '../../src/webhooks/ready-queue.js';

const turns = (queue: ReturnType<typeof createReadyQueue>) => {
  const taken: string[] = [];
  for (let turn = queue.take(); turn !== null; turn = queue.take()) taken.push(`${turn.hook}${turn.spaceId}`);
  return taken;
};

it('serves webhooks one after the other, and leaves one turn to the others', () => {
  const queue = createReadyQueue(4);
  for (const spaceId of [1, 2, 3, 4, 5]) queue.add({ hook: 'slow', spaceId });
  expect(turns(queue)).toEqual(['slow1', 'slow2', 'slow3']);
  queue.add({ hook: 'other', spaceId: 1 });
  expect(turns(queue)).toEqual(['other1']);
  queue.end({ hook: 'other', spaceId: 1 });
  queue.add({ hook: 'other', spaceId: 2 });
  queue.end({ hook: 'slow', spaceId: 1 });
  expect(turns(queue)).toEqual(['slow4', 'other2']);
});

it('has one turn at a time for a webhook and a space, and one more for what came meanwhile', () => {
  const queue = createReadyQueue(4);
  queue.add({ hook: 'a', spaceId: 1 });
  expect(turns(queue)).toEqual(['a1']);
  queue.add({ hook: 'a', spaceId: 1 });
  queue.add({ hook: 'a', spaceId: 1 });
  expect(turns(queue)).toEqual([]);
  queue.end({ hook: 'a', spaceId: 1 });
  expect(turns(queue)).toEqual(['a1']);
  queue.end({ hook: 'a', spaceId: 1 });
  expect(turns(queue)).toEqual([]);
});

it('drops what waits for webhooks that are no more', () => {
  const queue = createReadyQueue(4);
  queue.add({ hook: 'a', spaceId: 1 });
  queue.add({ hook: 'b', spaceId: 1 });
  queue.retain(new Set(['b']));
  expect(turns(queue)).toEqual(['b1']);
});
