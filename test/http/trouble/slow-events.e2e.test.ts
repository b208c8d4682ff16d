import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWaits } from '../../../src/http/lists/waits.js';
import { listen, type ServerLimits } from '../../../src/http/server/server.js';
import { begin, commit, end, listing } from '../../contract/index-under-test.js';
import { createCleanup } from '../../support/cleanup.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { createApiScene, NOW } from '../api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Far more than what the kernel holds for a connection. */
const IMAGES = Array.from({ length: 4_000 }, (_, i) => `${'long-'.repeat(400)}${i}.ova`);
const WITHIN = { timeout: 20_000, interval: 20 };

/** A client that asks for events and reads none of them, though its connection stays open. */
async function unreadStream(limits: Partial<ServerLimits> = {}) {
  const given = createMemoryIndex(() => NOW);
  let reads = 0;
  const { changes: read } = given.catalogue;
  const catalogue: typeof given.catalogue = {
    ...given.catalogue,
    changes(...query) {
      reads++;
      return read(...query);
    },
  };
  const waits = createWaits({ ...given, perUser: 20 });
  const scene = createApiScene({ waits, catalogue, publicUrl: null }, given);
  await scene.addSpace('jm');
  const token = await scene.tokenFor('jm');
  const index = { ...given, clock: { now: NOW }, close: async () => undefined };
  const { lease } = await begin(index, 'jm');
  await commit(index, lease, listing('', IMAGES));
  await end(index, lease);
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger, limits });
  cleanup.add(() => server.close(0));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined); // the server cuts it
  cleanup.add(() => socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET /v2/image/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await expect.poll(() => reads, WITHIN).toBeGreaterThan(1);
  /** Whether another stream finds a place, of which all but one are taken by others. */
  const hasLeft = () => {
    const places = Array.from({ length: 20 }, () => waits.place('jm', () => undefined));
    for (const place of places) place?.leave();
    return !places.includes(null);
  };
  expect(hasLeft()).toBe(false);
  return { waits, server, hasLeft, reads: () => reads };
}

describe('a client that follows events and reads none', () => {
  it('is cut off once it has taken nothing for too long, and little was read for it until then', async () => {
    const { hasLeft, reads } = await unreadStream({ stalledMs: 600 });
    await expect.poll(hasLeft, WITHIN).toBe(true);
    expect(reads()).toBeLessThan(IMAGES.length / 100 / 2);
  });

  it('is cut off at a stop, at once', async () => {
    const { waits, server } = await unreadStream();
    waits.end();
    // Else it would take as long as answers under way may take.
    await server.close(3_600_000);
  });
});
