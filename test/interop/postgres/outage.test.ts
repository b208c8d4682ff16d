import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { makeOutageScene, type OutageScene } from './outage-scene.js';

const IMAGES = ['a.ova', 'b.ova'];
const LIST = 'v2/image';
const UNKNOWN = `ovx_${'x'.repeat(43)}`;
const BACK_WITHIN_MS = 20_000;
/** A second, and what a busy machine adds; a question of the database would take ten. */
const UNSURE_WITHIN_MS = 4_000;
/** Who has nothing else waits until it is certain: two seconds for the line, as long for another, and one for a look. */
const CERTAIN_WITHIN_MS = 8_000;
/** Whoever asks later is answered as soon as by what asks no database at all, and long before a second has passed. */
const KNOWN_WITHIN_MS = 800;
const NO_DATABASE = 'livez';

describeInstalled('a host whose database is away', [postgresMissing, apacheMissing], () => {
  const cleanup = createCleanup();
  let server: PostgresServer;
  let scene: OutageScene;

  beforeAll(async () => {
    server = await startPostgres();
    cleanup.add(server.stop);
    scene = await makeOutageScene(cleanup, server, { images: IMAGES });
  });
  afterEach(() => scene.proxy.mend());
  afterAll(cleanup.run);

  /** Has the list prepared, as it is from the second question on. */
  const prepare = async (of = scene, path = LIST) => {
    await expect.poll(async () => (await of.ask(path)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
    await of.ask(path);
    return await of.ask(path);
  };
  /** Returns the answers to what is asked at once, and for how much longer than the host needs for anything they were waited for. */
  const askAtOnce = async (path: string, times: number) => {
    const asked = Array.from({ length: times }, () => scene.ask(path));
    const [bare, ...answers] = await Promise.all([scene.ask(NO_DATABASE), ...asked]);
    return { answers, waitedMs: Math.max(...answers.map(({ tookMs }) => tookMs)) - bare.tookMs };
  };
  const expectRefused = async (asked: Promise<{ readonly status: number; readonly headers: Headers }>) => {
    const { status, headers } = await asked;
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
  };

  it('gives prepared lists as stale, refuses everything else and goes on by itself', async () => {
    const { ask, host } = scene;
    const before = await prepare();
    const etag = before.headers.get('etag') ?? '';
    const modified = before.headers.get('last-modified') ?? '';
    expect(before.names).toEqual(IMAGES);
    expect((await ask('readyz')).status).toBe(200);

    await server.kill();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: 2_000 }).toBe('stale');
    const stale = await ask(LIST);
    expect([stale.status, stale.names]).toEqual([200, IMAGES]);
    const staleTag = stale.headers.get('etag') ?? '';
    expect(staleTag).not.toBe(etag);
    expect([stale.headers.get('last-modified'), stale.headers.get('x-synced-on')]).toEqual([
      null,
      before.headers.get('x-synced-on'),
    ]);
    expect(await ask(LIST, { 'if-none-match': etag })).toMatchObject({ status: 200, state: 'stale' });
    expect(await ask(LIST, { 'if-modified-since': modified })).toMatchObject({ status: 200, state: 'stale' });
    expect((await ask(LIST, { 'if-none-match': staleTag })).status).toBe(304);
    expect((await ask(LIST, {}, 'HEAD')).headers.get('etag')).toBe(staleTag);
    expect((await ask(LIST, {}, 'OPTIONS')).status).toBe(200);

    // Somebody whom another host has told more.
    const later = etag.replace(
      /-(\d+)-([^-]+)-(\w+)"$/,
      (_, revision, query) => `-${Number(revision) + 1}-${query}-fresh"`,
    );
    expect(later).not.toBe(etag);
    await expectRefused(ask(LIST, { 'if-none-match': later }));
    await expectRefused(ask(LIST, { authorization: `Bearer ${UNKNOWN}` }));
    await expectRefused(ask(`${LIST}?name=never-asked-before`));
    await expectRefused(ask(`${LIST}/changes`));
    await expectRefused(ask('v2/user/image/vm', {}, 'PATCH'));
    await expectRefused(ask('v2/admin/space'));
    const waitedTooLong = ask(LIST, { 'if-none-match': staleTag, prefer: 'wait=1' });
    expect(await waitedTooLong).toMatchObject({ status: 304 });
    expect((await waitedTooLong).headers.get('preference-applied')).toBe('wait=1');

    const ready = await ask('readyz?verbose', { accept: 'text/plain' });
    expect([ready.status, ready.text]).toEqual([200, expect.stringMatching(/^\[-\] index failed .*served as stale$/m)]);
    const metrics = await ask('metrics');
    expect(metrics.text).toMatch(/^ovadex_database_up 0$/m);
    // Its thread answers, though nobody can say what the index has.
    expect(metrics.text).toMatch(/^ovadex_crawler_up 1$/m);
    expect(metrics.text).not.toMatch(/^ovadex_images /m);
    expect(metrics.text).toMatch(/^ovadex_stale_lists_total [1-9]\d*$/m);
    expect(host.log()).toContain('the database can not be reached');

    const waiting = ask(LIST, { 'if-none-match': staleTag, prefer: 'wait=60' });
    await delay(300);
    await server.restart();
    const woken = await waiting;
    expect([woken.status, woken.state, woken.headers.get('etag')]).toEqual([200, 'fresh', etag]);
    expect(woken.tookMs).toBeLessThan(BACK_WITHIN_MS);
    expect((await ask(LIST, { 'if-none-match': staleTag })).status).toBe(200);
    expect((await ask(LIST, { authorization: `Bearer ${UNKNOWN}` })).status).toBe(401);
    expect((await ask('metrics')).text).toMatch(/^ovadex_database_up 1$/m);
    scene.put('c.ova');
    expect((await ask('v2/user/image/vm', {}, 'PATCH')).status).toBe(202);
    await expect.poll(async () => (await ask(LIST)).names, { timeout: BACK_WITHIN_MS }).toContain('c.ova');
  });

  it('gives them to nobody whose token was revoked before, and to everybody else', async () => {
    const { ask, host } = scene;
    const other = await host.ovadex.createToken('jm');
    const asOther = { authorization: `Bearer ${other.token}` };
    await prepare();
    expect((await ask(LIST, asOther)).status).toBe(200);
    expect((await host.ovadex.run('token', 'revoke', `${other.id}`)).code).toBe(0);
    // Whatever was committed has been told by then.
    await delay(250);
    expect((await ask(LIST)).state).toBe('fresh');
    await server.kill();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('stale');
    await expectRefused(ask(LIST, asOther));
    await server.restart();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
    expect((await ask(LIST, asOther)).status).toBe(401);
  });

  it('gives them within a second while nothing arrives from the server, and at once later on', async () => {
    const { ask, proxy } = scene;
    await prepare();
    proxy.cut();
    // What is known to have been true a moment ago is given for another moment.
    await delay(250);
    const first = await ask(LIST);
    expect([first.status, first.state]).toEqual([200, 'stale']);
    expect(first.tookMs).toBeLessThan(UNSURE_WITHIN_MS);
    const others = await askAtOnce(LIST, 20);
    expect(new Set(others.answers.map(({ status, state }) => `${status} ${state}`))).toEqual(new Set(['200 stale']));
    expect(others.waitedMs).toBeLessThan(KNOWN_WITHIN_MS);
    const refused = await ask('v2/admin/space');
    expect(refused.status).toBe(503);
    expect(refused.tookMs).toBeLessThan(CERTAIN_WITHIN_MS);
    expect((await askAtOnce('v2/admin/space', 1)).waitedMs).toBeLessThan(KNOWN_WITHIN_MS);
    proxy.mend();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
    const back = await ask('v2/admin/space');
    expect(back.status).toBe(200);
    expect(back.tookMs).toBeLessThan(UNSURE_WITHIN_MS);
  });

  it('keeps a stream of events open, and tells what has changed since', async () => {
    const { ask, host, token, proxy } = scene;
    await prepare();
    const response = await fetch(`${host.url}${LIST}/events`, { headers: { authorization: `Bearer ${token}` } });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    const reading = (async () => {
      for (;;) {
        const next = await reader?.read();
        if (next === undefined || next.done) return 'over';
        told += next.value;
      }
    })();
    await expect.poll(() => told, { timeout: BACK_WITHIN_MS }).toContain('a.ova');
    proxy.cut();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('stale');
    await delay(1_500);
    proxy.mend();
    await expect.poll(async () => (await ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
    scene.put('while-streaming.ova');
    expect(await ask('v2/user/image/vm', {}, 'PATCH')).toMatchObject({ status: 202 });
    await expect.poll(() => told, { timeout: 2 * BACK_WITHIN_MS }).toContain('while-streaming.ova');
    await reader?.cancel();
    expect(await reading).toBe('over');
  });

  it('gives them for as long as is configured, and then refuses them, and never at 0s', async () => {
    const [brief, never] = await Promise.all(
      ['3s', '0s'].map((serveStale) =>
        makeOutageScene(cleanup, server, { images: IMAGES, settings: { api: { serveStale } } }),
      ),
    );
    if (brief === undefined || never === undefined) throw new Error('there are two');
    for (const of of [brief, never]) await prepare(of);
    brief.proxy.leadTo(1);
    never.proxy.leadTo(1);
    await expect.poll(async () => (await brief.ask(LIST)).state, { timeout: 2_500, interval: 50 }).toBe('stale');
    await expectRefused(never.ask(LIST));
    expect((await never.ask('readyz')).status).toBe(503);
    await expect.poll(async () => (await brief.ask(LIST)).status, { timeout: 5_000 }).toBe(503);
    expect((await brief.ask('readyz')).status).toBe(503);
    for (const of of [brief, never]) of.proxy.leadTo(server.port);
    for (const of of [brief, never]) {
      await expect.poll(async () => (await of.ask(LIST)).state, { timeout: BACK_WITHIN_MS }).toBe('fresh');
      await of.host.stop();
    }
  });
});
