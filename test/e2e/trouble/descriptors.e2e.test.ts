import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { connectionsWithin } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { createFaultyScene, SOON } from '../../support/faulty-scene.js';
import { processorMsOf } from '../../support/process/usage.js';

/** Some forty are the index', the log's, Node's own and the crawler's; the modules are opened many at a time. */
const DESCRIPTORS = 256;
/** More than twice as many. */
const CLIENTS = 600;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

it.each([
  [16_384, 12_000],
  [1_048_576, 12_000],
  [1_024, 768],
  [120, 60],
])('of %i descriptors clients may take %i', (descriptors, clients) => {
  expect(connectionsWithin(descriptors)).toBe(clients);
});

it('a daemon whose descriptors clients use up says so once, syncs all the while, and serves when they go', async () => {
  const scene = await createFaultyScene(cleanup);
  const daemon = await scene.serve(`ulimit -n ${DESCRIPTORS}`);
  await daemon.shows(scene.put(5));
  const usedBefore = processorMsOf(daemon.child.pid);
  const startedAt = performance.now();
  const clients: Socket[] = [];
  cleanup.add(() => clients.map((client) => client.destroy()));
  const open = async () => {
    const client = connect(scene.ovadex.port, '127.0.0.1').on('error', () => undefined);
    clients.push(client);
    await Promise.race([once(client, 'connect'), once(client, 'close')]);
    // The beginning of a request, so that they are no idle ones, which would make room for others.
    client.write('GET /livez HTTP/1.1\r\nX-Slow: ');
  };
  const occupy = async () => {
    while (clients.length < CLIENTS) await open();
  };
  await occupy();
  const held = () => readdirSync(`/proc/${daemon.child.pid}/fd`).length;
  await vi.waitUntil(() => daemon.log().includes('too many connections'), SOON);
  expect(held()).toBeLessThan(DESCRIPTORS);
  // The crawler has its own: what is new on the storage comes in while nobody is served.
  const count = scene.put(20);
  await vi.waitUntil(
    () => new RegExp(`"images":${count},[^\\n]*"msg":"sync changed the list"`).test(daemon.log()),
    SOON,
  );
  expect((processorMsOf(daemon.child.pid) - usedBefore) / (performance.now() - startedAt)).toBeLessThan(0.7);
  for (const client of clients) client.destroy();
  await daemon.isServing();
  await daemon.shows(count);
  await daemon.shows(scene.put(5));
  expect(daemon.log().match(/too many connections/g)).toHaveLength(1);
  expect(daemon.log()).not.toMatch(/"level":"(?:error|fatal)"/);
  expect(await daemon.stop()).toBe(0);
  expect(scene.findings()).toEqual([]);
}, 180_000);
