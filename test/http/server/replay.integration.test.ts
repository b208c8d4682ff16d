import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpDeps } from '../../../src/http/app.js';
import type { NoteAnswer } from '../../../src/http/gate/traffic.js';
import { createReplays, LEFT_OUT, type ReplayFacts, type Replays, replayOf } from '../../../src/http/server/replay.js';
import { listen } from '../../../src/http/server/server.js';
import { createCleanup } from '../../support/cleanup.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { askPlainly } from '../../support/plain-http.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { type Body, createApiScene } from '../api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

type Headers = Readonly<Record<string, string>>;

/** The API behind a real socket, with the looks at its requests counted. `write` is what another connection's commit does. */
async function createScene(overrides: Partial<HttpDeps> = {}) {
  const index = createMemoryIndex(() => scene.time.now);
  let written = 1;
  const stamp = vi.spyOn(index.changes, 'current').mockImplementation(() => written);
  const replays = createReplays({ changes: index.changes, clock: () => scene.time.now });
  const scene = createApiScene({ publicUrl: null, logger: quietLogger, replays, ...overrides }, index);
  for (const user of ['jm', 'lab']) await scene.addSpace(user);
  await scene.sync('jm', ['grün.ova', 'blau.ova']);
  await scene.sync('lab', ['theirs.ova']);
  scene.time.now += 2_000; // its change is datable
  const fetch = vi.spyOn(scene.app, 'fetch');
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger, replays });
  cleanup.add(() => server.close(0));
  const token = await scene.tokenFor('jm');
  const ask = async (headers: Headers = {}, path = '/v2/image', method = 'GET') => {
    const all = { authorization: `Bearer ${token}`, ...headers };
    const { status, headers: answered, body } = await askPlainly(server.url + path, { method, headers: all });
    return { status, headers: answered, bytes: body, text: body.toString() };
  };
  const names = async (headers: Headers = {}) =>
    (JSON.parse((await ask(headers)).text) as Body).data.map(({ name }) => name);
  return {
    ...scene,
    token,
    stamp,
    ask,
    names,
    write: () => void written++,
    looks: () => fetch.mock.calls.length,
  };
}

const withoutTime = (text: string) => text.replace(/"time":"[\d.]+s"/, '');

describe('an answer', () => {
  const facts: ReplayFacts = {
    method: 'GET',
    hasId: false,
    comparesDates: false,
    caller: { stamp: 7, from: 1_000, until: 61_000 },
    answer: { isKnown: true, isDated: true, until: Number.POSITIVE_INFINITY },
  };

  it('may be given again while its caller is sure, and what it says', () => {
    expect(replayOf(facts)).toEqual({ stamp: 7, from: 1_000, until: 61_000 });
    const replay = replayOf({ ...facts, answer: { ...facts.answer, until: 30_000 } });
    expect(replay).toEqual({ stamp: 7, from: 1_000, until: 30_000 });
  });

  it.each<[string, Partial<ReplayFacts>]>([
    ['to HEAD', { method: 'HEAD' }],
    ['to POST', { method: 'POST' }],
    ['to a request with an id of its own', { hasId: true }],
    ['to a question for a date', { comparesDates: true }],
    ['to a caller who is looked at each time', { caller: null }],
    ['that was never given before', { answer: { ...facts.answer, isKnown: false } }],
    ['whose change was in this very second', { answer: { ...facts.answer, isDated: false } }],
  ])('%s may not', (_, fact) => expect(replayOf({ ...facts, ...fact })).toBeNull());

  it.each([
    ['before', 999, 0],
    ['from', 1_000, 1],
    ['until', 60_999, 1],
    ['after', 61_000, 0],
  ])('is given again within its time, by a clock that is set back, too: %s', (_, now, times) => {
    const send = vi.fn();
    const replays = createReplays({ changes: { current: () => 7 }, clock: () => now });
    const incoming = { method: 'GET', url: '/', rawHeaders: [] } as unknown as IncomingMessage;
    const outgoing = { writeHead: () => undefined, end: send } as unknown as ServerResponse;
    const replay = { stamp: 7, from: 1_000, until: 61_000 };
    const observed = { nextId: () => 'id', note: () => undefined };
    replays.keep(incoming, { replay, status: 304, headers: {}, body: null, sizeBytes: 0 }, observed);
    expect(replays.answer(incoming, outgoing)).toBe(times === 1);
    replays.keep(incoming, { replay, status: 304, headers: {}, body: null, sizeBytes: 0 }, observed);
    replays.clear();
    expect(replays.answer(incoming, outgoing)).toBe(false);
    expect(send).toHaveBeenCalledTimes(times);
  });
});

describe('more different requests than are kept', () => {
  /** Answers requests from what is kept, and keeps the others; returns how many were known. */
  function ask(replays: Replays, stamp: number, users: Iterable<number>): number {
    let known = 0;
    const outgoing = { writeHead: () => undefined, end: () => undefined } as unknown as ServerResponse;
    for (const user of users) {
      const incoming = {
        method: 'GET',
        url: '/',
        rawHeaders: ['authorization', `${user}`],
      } as unknown as IncomingMessage;
      if (replays.answer(incoming, outgoing)) known++;
      else {
        const replay = { stamp, from: 0, until: 2_000 };
        const observed = { nextId: () => 'id', note: () => undefined };
        replays.keep(incoming, { replay, status: 304, headers: {}, body: null, sizeBytes: 0 }, observed);
      }
    }
    return known;
  }
  const round = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
  /** Room for some hundred of them. */
  const SMALL = 100 * 1_030;

  it('that come round in a circle are answered from what is kept as far as that reaches', () => {
    const replays = createReplays({ changes: { current: () => 1 }, clock: () => 1_000, maxBytes: SMALL });
    const known = round(0, 10).map(() => ask(replays, 1, round(0, 150)));
    expect(known[0]).toBe(0);
    expect(Math.min(...known.slice(1))).toBeGreaterThan(50);
  });

  it('in time take the places of those that nobody asks any more', () => {
    const replays = createReplays({ changes: { current: () => 1 }, clock: () => 1_000, maxBytes: SMALL });
    ask(replays, 1, round(0, 100));
    for (let n = 0; n < 80; n++) ask(replays, 1, round(1_000, 1_050));
    expect(ask(replays, 1, round(1_000, 1_050))).toBe(50);
  });

  it('take the places of those that are no longer right at once', () => {
    let stamp = 1;
    const replays = createReplays({ changes: { current: () => stamp }, clock: () => 1_000, maxBytes: SMALL });
    ask(replays, stamp, round(0, 100));
    stamp = 2;
    ask(replays, stamp, round(1_000, 1_050));
    expect(ask(replays, stamp, round(1_000, 1_050))).toBe(50);
  });
});

describe('a request that comes again', () => {
  it('is answered the same without a look at it, but for its id and its time', async () => {
    const { ask, looks } = await createScene();
    const first = await ask();
    const again = [await ask(), await ask(), await ask()];
    expect(looks()).toBe(2); // kept is what is asked for a second time
    for (const { status, headers, text } of again) {
      expect(status).toBe(200);
      expect(withoutTime(text)).toBe(withoutTime(first.text));
      const { 'x-request-id': id, date: _date, ...others } = headers;
      expect(id).toMatch(/^[\w-]{12}-\w+$/);
      expect(first.headers).toMatchObject(others);
    }
    const ids = [first, ...again].map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(4);
  });

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const)('comes in %s as before', async (coding, decode) => {
    const { ask, looks, sync, write, time } = await createScene();
    await sync(
      'jm',
      Array.from({ length: 50 }, (_, n) => `grün ${n}.ova`),
    );
    write();
    time.now += 2_000;
    const first = await ask({ 'accept-encoding': coding });
    await ask({ 'accept-encoding': coding });
    const again = await ask({ 'accept-encoding': coding });
    expect(looks()).toBe(2);
    expect(again.headers['content-encoding']).toBe(coding);
    expect(withoutTime(decode(again.bytes).toString())).toBe(withoutTime(decode(first.bytes).toString()));
  });

  it('gets 304 again, and the list where it has another tag', async () => {
    const { ask, looks } = await createScene();
    const { etag = '' } = (await ask()).headers;
    for (let n = 0; n < 3; n++) {
      const { status, headers, text } = await ask({ 'if-none-match': etag });
      expect([status, text, headers.etag, headers['content-length']]).toEqual([304, '', etag, undefined]);
    }
    expect(looks()).toBe(2);
    expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  it.each(LEFT_OUT)('is the same whatever its %s', async (name) => {
    const { ask, looks } = await createScene();
    for (const value of ['a', 'b', 'c', 'd']) {
      const { status, text } = await ask({ [name]: value });
      expect([status, text.includes('blau.ova')]).toEqual([200, true]);
    }
    await ask({ [name.toLowerCase()]: 'e' });
    await ask();
    expect(looks()).toBe(2);
  });

  it('is counted like any other', async () => {
    const noted: unknown[] = [];
    const note: NoteAnswer = (method, status, seconds) => void noted.push([method, status, (seconds ?? 5) < 5]);
    const { ask } = await createScene({ traffic: { route: () => note, read: () => [] } });
    for (let n = 0; n < 4; n++) await ask();
    expect(noted).toEqual(new Array(4).fill(['GET', 200, true]));
  });
});

describe('a request is looked at', () => {
  it('after any commit, whose truth it shows', async () => {
    const { names, sync, write, looks } = await createScene();
    for (let n = 1; n <= 5; n++) {
      await sync('jm', [`added ${n}.ova`]);
      write();
      const expected = ['blau.ova', 'grün.ova', ...Array.from({ length: n }, (_, i) => `added ${i + 1}.ova`)].sort();
      expect((await names()).sort()).toEqual(expected);
      expect((await names()).sort()).toEqual(expected);
    }
    expect(looks()).toBeGreaterThanOrEqual(5);
  });

  it('after its token expired, or was revoked', async () => {
    const scene = await createScene();
    const brief = await scene.authority.issue({ user: 'jm', scopes: [], expiresAt: scene.time.now + 1_000 });
    const headers = { authorization: `Bearer ${brief.token}` };
    for (let n = 0; n < 2; n++) expect((await scene.ask(headers)).status).toBe(200);
    scene.time.now += 1_000;
    expect((await scene.ask(headers)).status).toBe(401);
    const lasting = await scene.authority.issue({ user: 'jm', scopes: [], expiresAt: null });
    const others = { authorization: `Bearer ${lasting.token}` };
    for (let n = 0; n < 2; n++) expect((await scene.ask(others)).status).toBe(200);
    await scene.index.tokens.revoke(lasting.record.id, scene.time.now);
    scene.write();
    expect((await scene.ask(others)).status).toBe(401);
  });

  it('when the state of the space is another one as time goes by', async () => {
    const { ask, time } = await createScene();
    const stateNow = async () => (JSON.parse((await ask()).text) as Body).meta.index.state;
    expect([await stateNow(), await stateNow()]).toEqual(['fresh', 'fresh']);
    time.now += 86_400_000;
    expect(await stateNow()).toBe('stale');
  });

  it('when anything about it is different', async () => {
    const { ask, looks, tokenFor } = await createScene();
    await ask();
    const theirs = await ask({ authorization: `Bearer ${await tokenFor('lab')}` });
    expect(theirs.text).toContain('theirs.ova');
    expect((await ask({ host: 'other.example.org' })).text).toContain('"http://other.example.org/v2/image"');
    expect((await ask({ 'x-other': '1' })).text).not.toContain('theirs.ova');
    expect((await ask({}, '/v2/image?name=blau')).text).not.toContain('grün');
    const head = await ask({}, '/v2/image', 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await ask({}, '/v2/image', 'POST')).status).toBe(405);
    expect((await ask({ authorization: 'Bearer nonsense' })).status).toBe(401);
    expect(looks()).toBe(8);
  });

  it('each time where its client gives it an id, compares dates, or its requests are limited', async () => {
    const { ask, looks } = await createScene();
    for (let n = 0; n < 2; n++) {
      expect((await ask({ 'x-request-id': 'mine' })).headers['x-request-id']).toBe('mine');
      expect((await ask({ 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).status).toBe(200);
    }
    expect(looks()).toBe(4);
    const limited = await createScene({ requestLimit: { requests: 2, windowMs: 60_000 } });
    const statuses = [await limited.ask(), await limited.ask(), await limited.ask()].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('where the index can not be read any more, and is refused', async () => {
    const { ask, stamp } = await createScene();
    for (let n = 0; n < 2; n++) expect((await ask()).status).toBe(200);
    stamp.mockImplementation(() => {
      throw new Error('disk I/O error');
    });
    expect((await ask()).status).toBe(500);
  });

  it('by which a page asks for something within the process: the page is never answered with that', async () => {
    let token = '';
    const pages: HttpDeps['console'] = (api) => async (_, bindings) => {
      const { incoming } = bindings ?? {};
      const asked = new Request('http://127.0.0.1/v2/image', { headers: { authorization: `Bearer ${token}` } });
      const answer = await api(asked, incoming === undefined ? {} : { incoming });
      return new Response(`a page of ${((await answer.json()) as Body).meta.count}`);
    };
    const scene = await createScene({ console: pages });
    ({ token } = scene);
    for (let n = 0; n < 4; n++) expect((await scene.ask({}, '/console')).text).toBe('a page of 2');
  });
});
