import { describe, expect, it } from 'vitest';
import { ignoredHeader, isStrict } from '../../../src/http/reply/ignored.js';
import { bodyOf, createApiScene } from '../api-scene.js';

describe('a preference for strict handling', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['handling=strict', true],
    ['Handling="STRICT"', true],
    ['wait=30, handling=strict', true],
    ['respond-async; x=1,handling = strict', true],
    ['handling=lenient', false],
    ['handling=lenient, handling=strict', false],
    ['handling', false],
    ['mishandling=strict', false],
    ['handling=stricter', false],
  ])('is in "%s": %s', (prefer, expected) => expect(isStrict(prefer)).toBe(expected));
});

describe('the header of ignored parameters', () => {
  it.each([
    [[], {}],
    [['fitler', 'name[like]'], { 'X-Ignored-Parameters': 'fitler, name%5Blike%5D' }],
    [['a\r\nb: c', '\ud800ä'], { 'X-Ignored-Parameters': 'a%0D%0Ab%3A%20c, %EF%BF%BD%C3%A4' }],
  ])('of %j is %j', (names, header) => expect(ignoredHeader(names)).toEqual(header));
});

const LISTS = [
  '/v2/image',
  '/v2/user/image/vm',
  '/v2/request/image_sync',
  '/v2/admin/image',
  '/v2/admin/space',
  '/v2/admin/request',
  '/v2/admin/space/jm/held',
];

async function createScene() {
  const scene = createApiScene();
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova', 'b.ova']);
  const token = await scene.tokenFor('jm', ['admin']);
  return { ...scene, get: (path: string, init: RequestInit = {}) => scene.ask(token, path, init) };
}

describe('a parameter that a list does not know', () => {
  it.each(LISTS)('is told in the body and in a header: %s', async (path) => {
    const { get } = await createScene();
    const response = await get(`${path}?fitler=name,eq,a.ova&limit=1&expand=&groups=1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-ignored-parameters')).toBe('fitler, limit');
    expect((await bodyOf(response)).meta).toMatchObject({ ignored: ['fitler', 'limit'] });
    const head = await get(`${path}?fitler=x`, { method: 'HEAD' });
    expect(head.headers.get('x-ignored-parameters')).toBe('fitler');
  });

  it.each(LISTS)('is refused for whoever is strict: %s', async (path) => {
    const { get } = await createScene();
    const headers = { prefer: 'handling=strict' };
    // The lenient answer is kept; it must not be given.
    for (const init of [{ headers }, {}, { headers }]) {
      const response = await get(`${path}?fitler=name,eq,a.ova&expand=`, init);
      expect(response.status).toBe('headers' in init ? 400 : 200);
      if (!('headers' in init)) continue;
      const { errors } = await bodyOf(response);
      expect(errors).toMatchObject([{ parameter: 'fitler' }]);
      expect(errors[0]?.detail).toContain('allowed are');
    }
    expect((await get(`${path}?sort=&page=1&per_page=5&groups=1&count=1`, { headers })).status).toBe(200);
  });

  it('is not there where none is', async () => {
    const { get } = await createScene();
    const response = await get('/v2/image?name[]=b');
    expect(response.headers.has('x-ignored-parameters')).toBe(false);
    const { meta, data } = await bodyOf(response);
    expect(meta).not.toHaveProperty('ignored');
    expect(data.map(({ name }) => name)).toEqual(['b.ova']);
  });
});

describe('how many there are', () => {
  it.each(LISTS)('is in a header, of GET and of HEAD: %s', async (path) => {
    const { get } = await createScene();
    const { meta } = await bodyOf(await get(`${path}?per_page=1`));
    for (const method of ['GET', 'HEAD']) {
      const response = await get(`${path}?per_page=1`, { method });
      expect(response.headers.get('x-total-count')).toBe(`${String(meta.pages['total'])}`);
    }
    expect(meta.pages['total']).toBe(
      path.endsWith('held') ? 0 : path.includes('image_sync') || /space|request/.test(path) ? 1 : 2,
    );
  });
});

const about = async ({ status, headers }: Response) => ({
  status,
  etag: headers.get('etag') ?? '',
  syncedOn: headers.get('x-synced-on'),
});

describe('how old a list is', () => {
  it('is said where the answer is 304, too, and is newer after a sync that found nothing new', async () => {
    const { get, time, sync } = await createScene();
    const first = await get('/v2/image');
    expect(first.headers.get('x-synced-on')).toBe('2026-11-24T12:00:00.000Z');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await get('/v2/image', { method: 'HEAD' })).headers.get('x-synced-on')).toBe('2026-11-24T12:00:00.000Z');
    time.now += 60_000;
    const still = await get('/v2/image', { headers });
    expect([still.status, still.headers.get('x-synced-on')]).toEqual([304, '2026-11-24T12:00:00.000Z']);
    await sync('jm', []);
    for (const path of ['/v2/image', '/v2/user/image/vm']) {
      const { etag, ...newer } = await about(await get(path));
      expect(newer).toEqual({ status: 200, syncedOn: '2026-11-24T12:01:00.000Z' });
      if (path === '/v2/image') expect(etag).toBe(headers['if-none-match']);
      const again = await about(await get(path, { headers: { 'if-none-match': etag } }));
      expect(again).toEqual({ status: 304, etag, syncedOn: '2026-11-24T12:01:00.000Z' });
    }
  });

  it('is not said of what was never synced', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const response = await scene.ask(await scene.tokenFor('jm'), '/v2/image');
    expect(response.headers.has('x-synced-on')).toBe(false);
    expect(response.headers.get('x-total-count')).toBe('0');
  });
});
