import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWaits } from '../../../src/http/lists/waits.js';
import { createBatches } from '../../../src/http/server/batch.js';
import { createReplays } from '../../../src/http/server/replay.js';
import { listen } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { type Body, createApiScene } from '../api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

/** Woken in one turn, all of whom are looked at, and the one who goes ahead. */
const LOOKED_AT = 51;
const MANY = 150;

/** The API behind a real socket, whose clients may wait; looks at their requests are counted. */
async function createScene({ perUser = MANY }: { readonly perUser?: number } = {}) {
  const index = createMemoryIndex(() => scene.time.now);
  let written = 1;
  const changes = { current: () => written };
  const replays = createReplays({ changes, clock: () => scene.time.now });
  const waits = createWaits({ catalogue: index.catalogue, changes, perUser });
  const scene = createApiScene({ publicUrl: null, logger: quietLogger, changes, replays, waits }, index);
  await scene.addSpace('jm');
  const becomes = async (...images: string[]) => {
    await scene.sync('jm', images);
    written++;
  };
  await becomes('x.ova');
  const handled = vi.spyOn(scene.app, 'fetch');
  const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const server = await listen(scene.app, address, { logger: quietLogger, replays, batches: createBatches() });
  cleanup.add(() => server.close(0));
  cleanup.add(() => waits.end());
  const authorization = `Bearer ${await scene.tokenFor('jm')}`;
  const ask = (headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v2/image`, { headers: { authorization, ...headers } });
  const tag = async () => (await ask()).headers.get('etag') ?? '';
  const waiting = (count: number) => expect.poll(() => waits.count(), { timeout: 10_000, interval: 5 }).toBe(count);
  const looks = () => handled.mock.calls.length;
  /** So many ask to wait; the first ones one after the other, so that the third is the third. */
  const letWait = async (count: number, headers: Record<string, string>) => {
    const asked: Promise<Response>[] = [];
    for (const before of [1, 2]) {
      asked.push(ask(headers));
      await waiting(before);
    }
    const lookedAt = looks();
    while (asked.length < count) asked.push(ask(headers));
    await waiting(count);
    return { asked, looks: looks() - lookedAt };
  };
  return { ...scene, index, waits, ask, tag, waiting, becomes, looks, letWait, write: () => void written++ };
}

const WAIT = { prefer: 'wait=60' };

describe('thousands who wait with the same request', () => {
  it('are put aside, and told of a change, without a look at each', async () => {
    const { letWait, becomes, looks, tag } = await createScene();
    await tag();
    const { asked, looks: toWait } = await letWait(MANY, { ...WAIT, 'if-none-match': await tag() });
    expect(toWait).toBe(0);
    const before = looks();
    await becomes('x.ova', 'y.ova');
    const answers = await Promise.all(asked);
    expect(looks() - before).toBeLessThanOrEqual(LOOKED_AT);
    const ids = new Set<string | null>();
    for (const { status, headers } of answers) {
      expect([status, headers.get('preference-applied'), headers.get('last-modified')]).toEqual([200, 'wait=60', null]);
      ids.add(headers.get('x-request-id'));
    }
    expect(ids.size).toBe(MANY);
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<Body>));
    for (const { data } of bodies) expect(data.map(({ name }) => name)).toEqual(['x.ova', 'y.ova']);
  });

  it('are refused, and told nothing, if their token was revoked meanwhile', async () => {
    const { letWait, becomes, index, time, tag } = await createScene();
    await tag();
    const { asked } = await letWait(MANY, { ...WAIT, 'if-none-match': await tag() });
    for (const { id } of await index.tokens.list()) await index.tokens.revoke(id, time.now);
    await becomes('y.ova');
    for (const answer of await Promise.all(asked)) {
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain('y.ova');
    }
  });

  it('are not told that they waited, if a stop cut that short', async () => {
    const { letWait, waits, tag } = await createScene();
    await tag();
    const { asked } = await letWait(MANY, { ...WAIT, 'if-none-match': await tag() });
    waits.end();
    for (const { status, headers } of await Promise.all(asked))
      expect([status, headers.get('preference-applied')]).toEqual([304, null]);
  });

  it('are looked at once time has made their list another one, and once something was written', async () => {
    const { letWait, ask, time, tag, write, looks, waiting, waits } = await createScene();
    await tag();
    const headers = { ...WAIT, 'if-none-match': await tag() };
    await letWait(3, headers);
    write();
    const before = looks();
    void ask(headers);
    await waiting(4);
    expect(looks() - before).toBe(1);
    time.now += 86_400_000;
    const late = await ask(headers);
    expect([late.status, ((await late.json()) as Body).meta.index.state]).toEqual([200, 'stale']);
    waits.end();
  });

  it('are answered at once where too many wait', async () => {
    const { letWait, ask, tag } = await createScene({ perUser: 3 });
    await tag();
    const headers = { ...WAIT, 'if-none-match': await tag() };
    await letWait(3, headers);
    const { status, headers: answered } = await ask(headers);
    expect([status, answered.get('preference-applied')]).toEqual([304, null]);
  });
});
