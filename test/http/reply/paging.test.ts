import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SORT_FIELDS } from '../../../src/domain/lists/image-list.js';
import { linkHeader, type Pages, pagesOf } from '../../../src/http/reply/links.js';
import { image, listing, syncOnce } from '../../contract/index-under-test.js';
import { fewRunsOf } from '../../support/thorough.js';
import { bodyOf, createApiScene, NOW, PUBLIC_URL } from '../api-scene.js';

const NAMES = Array.from({ length: 11 }, (_, i) => `image-${String(i).padStart(2, '0')}.ova`);

async function createPagesScene(names: readonly string[] = NAMES) {
  const scene = createApiScene();
  await scene.addSpace('jm');
  const index = { ...scene.index, clock: { now: NOW }, close: async () => {} };
  /** Makes the space hold exactly these, of these sizes. */
  const store = (sizes: Readonly<Record<string, number>>) =>
    syncOnce(
      index,
      'jm',
      listing(
        '',
        Object.entries(sizes).map(([name, sizeBytes]) => image(name, { sizeBytes })),
      ),
    );
  await store(Object.fromEntries(names.map((name, i) => [name, i % 3])));
  const token = await scene.tokenFor('jm');
  const get = (query: string) => scene.ask(token, query.startsWith('http') ? query : `/v2/image${query}`);
  const page = async (query: string) => {
    const response = await get(query);
    expect(response.status).toBe(200);
    const { data, meta, _links } = await bodyOf(response);
    return { names: data.map(({ name }) => name), pages: meta.pages as unknown as Pages, count: meta.count, _links };
  };
  return { ...scene, store, get, page };
}

describe('a list without page and per_page', () => {
  it.each(['', '?page=&per_page=', '?sort=name&groups=1', '?pages=2&perpage=1'])('is whole: "%s"', async (query) => {
    const { get, page } = await createPagesScene();
    const { names, pages } = await page(query);
    expect(names).toEqual(NAMES);
    expect(pages).toMatchObject({ page: 1, pages: 1, per_page: 11, total: 11, next_url: null, prev_url: null });
    expect((await get(query)).headers.has('link')).toBe(false);
  });
});

describe('a page', () => {
  it('says where it lies, with addresses that carry every parameter', async () => {
    const { page } = await createPagesScene();
    const query = '?sort=name&name=image&groups=1&per_page=4&filter=&page=2';
    const { names, pages, count, _links } = await page(query);
    expect(names).toEqual(NAMES.slice(4, 8));
    expect(count).toBe(4);
    expect(_links.self).toBe(`${PUBLIC_URL}/v2/image${query}`);
    const carried = `${PUBLIC_URL}/v2/image?sort=name&name=image&groups=1&per_page=4&filter=`;
    const cursor = expect.stringMatching(/^[\w-]+$/) as string;
    const cursorOf = (url: string | null, number: number) => {
      expect(url?.startsWith(`${carried}&page=${number}&cursor=`)).toBe(true);
      return url?.split('&cursor=')[1];
    };
    expect(cursorOf(pages.next_url, 3)).toEqual(cursor);
    expect(cursorOf(pages.prev_url, 1)).toEqual(cursor);
    expect(pages).toMatchObject({
      first_url: `${carried}&page=1`,
      last_url: `${carried}&page=3`,
      page: 2,
      pages: 3,
      per_page: 4,
      total: 11,
    });
  });

  it('has the same links in its header', async () => {
    const { get } = await createPagesScene();
    const response = await get('?per_page=4&page=2&name=%22%3E');
    expect(response.headers.get('link')).toMatch(/^<[^>]*>; rel="first", <[^>]*>; rel="last"$/);
    const { headers } = await get('?per_page=4');
    expect(headers.get('link')).toMatch(
      /^<[^>]*page=1>; rel="first", <[^>]*page=2&cursor=[^>]*>; rel="next", <[^>]*>; rel="last"$/,
    );
    const head = await createPagesScene().then(({ ask, tokenFor }) =>
      tokenFor('jm').then((token) => ask(token, '/v2/image?per_page=4', { method: 'HEAD' })),
    );
    expect(head.headers.get('link')).toBe(headers.get('link'));
  });

  it.each([
    ['?per_page=500', 500],
    ['?per_page=501', 500],
    ['?per_page=3000', 500],
    ['?per_page=99999999999999999999', 500],
    ['?per_page=1', 1],
    ['?page=1', 50],
    ['?per_page=&per_page=7', 7],
  ])('is as large as asked for within 1 to 500: %s', async (query, size) => {
    const { page } = await createPagesScene();
    const { pages, count } = await page(query);
    expect(pages.per_page).toBe(size);
    expect(count).toBe(Math.min(size, NAMES.length));
    expect(pages.pages).toBe(Math.max(1, Math.ceil(NAMES.length / size)));
  });

  it.each(['?page=4&per_page=4', '?page=99999999999999999999&per_page=500', '?page=2'])(
    'past the end is empty, with a way back: %s',
    async (query) => {
      const { page } = await createPagesScene();
      const { names, pages } = await page(query);
      expect(names).toEqual([]);
      expect(pages.next_url).toBeNull();
      expect(pages.total).toBe(11);
      const back = await page(pages.prev_url ?? '');
      expect(back.names.at(-1)).toBe(NAMES.at(-1));
    },
  );

  it('of an empty list is the first and the last', async () => {
    const { page } = await createPagesScene();
    const { names, pages } = await page('?name=nothing&per_page=3');
    expect(names).toEqual([]);
    expect(pages).toMatchObject({ page: 1, pages: 1, per_page: 3, total: 0, next_url: null, prev_url: null });
  });

  it('of a user without a space is empty', async () => {
    const { ask, tokenFor } = await createPagesScene();
    const response = await ask(await tokenFor('nobody'), '/v2/image?page=2&per_page=5');
    expect((await bodyOf(response)).meta.pages).toMatchObject({ page: 2, pages: 1, total: 0, next_url: null });
  });

  it.each([
    ['?page=0', 'page', '"0"', 'integers from 1'],
    ['?page=-1', 'page', '"-1"', 'integers from 1'],
    ['?page=two', 'page', '"two"', 'integers from 1'],
    ['?page=1.5', 'page', '"1.5"', 'integers from 1'],
    ['?per_page=0', 'per_page', '"0"', 'integers from 1 to 500'],
    ['?per_page=all', 'per_page', '"all"', 'integers from 1 to 500'],
    ['?cursor=abc', 'cursor', '"abc"', 'next_url'],
    ['?page=2&cursor=%E4', 'cursor', '"%E4"', 'UTF-8'],
  ])('is refused for %s, with the value and what is allowed', async (query, parameter, value, allowed) => {
    const { get } = await createPagesScene();
    const response = await get(query);
    expect(response.status).toBe(400);
    const { errors } = await bodyOf(response);
    expect(errors).toMatchObject([{ parameter }]);
    expect(errors[0]?.detail).toContain(value);
    expect(errors[0]?.detail).toContain(allowed);
  });

  it('is refused with the cursor of another order', async () => {
    const { get, page } = await createPagesScene();
    const { pages } = await page('?per_page=4&sort=size');
    const response = await get((pages.next_url ?? '').replace('sort=size', 'sort=name'));
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).errors).toMatchObject([{ parameter: 'cursor' }]);
  });
});

describe('a number beside a cursor', () => {
  it('is the page that is answered where it was changed', async () => {
    const { page } = await createPagesScene();
    const { pages } = await page('?per_page=2');
    const changed = await page(pages.next_url?.replace('&page=2', '&page=5') ?? '');
    expect(changed.names).toEqual(NAMES.slice(8, 10));
    expect(changed.pages).toMatchObject({ page: 5, pages: 6 });
    const reordered = await page(pages.next_url?.replace('&page=2', '&page=1&sort=name,desc') ?? '');
    expect(reordered.names).toEqual(NAMES.slice(-2).toReversed());
  });

  it('is that of the cursor where it was left out', async () => {
    const { page } = await createPagesScene();
    const { pages } = await page('?per_page=2&page=2');
    const next = await page(pages.next_url?.replace('&page=3', '') ?? '');
    expect(next.pages.page).toBe(3);
    expect(next.names).toEqual(NAMES.slice(4, 6));
  });

  it('is no way around a cursor that is none', async () => {
    const { get } = await createPagesScene();
    expect((await get('?page=5&cursor=abc')).status).toBe(400);
  });
});

describe('pages of long paths', () => {
  it('follow one another by short addresses, also where their last image has gone', async () => {
    const deep = `${'深いフォルダ/'.repeat(50)}`;
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.sync(
      'jm',
      NAMES.map((name) => deep + name),
    );
    const token = await scene.tokenFor('jm');
    const met: unknown[] = [];
    for (let url: unknown = '/v2/image?per_page=3&sort=path'; typeof url === 'string'; ) {
      const response = await scene.ask(token, url);
      expect(response.status).toBe(200);
      expect(response.headers.get('link')?.length).toBeLessThan(2_048);
      const { data, meta } = await bodyOf(response);
      met.push(...data.map(({ name }) => name));
      url = meta.pages['next_url'];
      if (typeof url === 'string') expect(new URL(url).searchParams.get('cursor')?.length).toBeLessThan(100);
    }
    expect(met).toEqual(NAMES);
  });
});

describe('a client that follows next_url', () => {
  const anyOrder = fc
    .array(fc.tuple(fc.constantFrom(...SORT_FIELDS), fc.constantFrom('asc', 'desc')), { minLength: 1, maxLength: 2 })
    .map((terms) => terms.map((term) => term.join(',')).join(';'));

  it('gets the whole list, and with prev_url the same backwards, in any order', async () => {
    const { page } = await createPagesScene();
    await fc.assert(
      fc.asyncProperty(anyOrder, fc.integer({ min: 1, max: 12 }), async (sort, size) => {
        const { names: whole } = await page(`?sort=${sort}`);
        const forth: unknown[] = [];
        let current = await page(`?sort=${sort}&per_page=${size}`);
        for (forth.push(...current.names); current.pages.next_url !== null; forth.push(...current.names)) {
          current = await page(current.pages.next_url);
        }
        expect(forth).toEqual(whole);
        expect(current.pages).toMatchObject({ page: current.pages.pages, total: whole.length });
        const back = [...current.names];
        while (current.pages.prev_url !== null) {
          current = await page(current.pages.prev_url);
          back.unshift(...current.names);
        }
        expect(back).toEqual(whole);
        expect(current.pages.page).toBe(1);
      }),
      { numRuns: fewRunsOf(50) },
    );
  });

  it('misses and repeats no image that stayed, while others come and go', async () => {
    const scene = await createPagesScene([]);
    const anyState = fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 3 }));
    await fc.assert(
      fc.asyncProperty(
        anyOrder,
        fc.integer({ min: 1, max: 4 }),
        fc.array(anyState, { minLength: 1, maxLength: 6 }),
        async (sort, size, [first = {}, ...states]) => {
          const store = (state: Readonly<Record<string, number>>) => scene.store({ 'anchor.ova': 1, ...state });
          await store(first);
          const lived = [first];
          let current = await scene.page(`?sort=${sort}&per_page=${size}`);
          const met = [...current.names];
          while (current.pages.next_url !== null) {
            const state = states.shift();
            if (state !== undefined) lived.push(state);
            if (state !== undefined) await store(state);
            current = await scene.page(current.pages.next_url);
            met.push(...current.names);
          }
          const stayed = Object.keys(first).filter((name) => lived.every((each) => each[name] === first[name]));
          for (const name of stayed) expect(met.filter((each) => each === name)).toEqual([name]);
        },
      ),
      { numRuns: fewRunsOf(50) },
    );
  });
});

describe('the links of a page', () => {
  const links = { base: 'http://h', self: 'http://h/v2/image?a=%2C&page=2&&b&cursor=x&p%61ge=3&c?d=1' };
  const position = {
    page: 2,
    pages: 3,
    per_page: 1,
    total: 3,
    next: { page: 3, cursor: 'n' },
    prev: { page: 1, cursor: null },
  };

  it('keep what the request had, as it was written, but for the place', () => {
    expect(pagesOf(links, 1, position)).toEqual({
      first_url: 'http://h/v2/image?a=%2C&b&c?d=1&page=1',
      last_url: 'http://h/v2/image?a=%2C&b&c?d=1&page=3',
      next_url: 'http://h/v2/image?a=%2C&b&c?d=1&page=3&cursor=n',
      prev_url: 'http://h/v2/image?a=%2C&b&c?d=1&page=1',
      page: 2,
      pages: 3,
      per_page: 1,
      total: 3,
    });
  });

  it.each([
    [10, ['first', 'prev', 'next', 'last']],
    [480, ['first', 'next', 'last']],
    [640, ['next', 'last']],
    [980, ['next']],
    [1_900, ['next']],
    [2_100, []],
    [15_000, []],
  ])('leave out what makes a header too long for proxies: a query of %i characters', (length, expected) => {
    const self = `http://h/v2/image?name=${'x'.repeat(length)}`;
    const { Link = '' } = linkHeader(pagesOf({ base: 'http://h', self }, 1, position), position);
    expect(Link.length).toBeLessThan(2_048);
    expect([...Link.matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel)).toEqual(expected);
  });

  it('hold nothing in a header that a header may not hold', () => {
    const odd = { base: 'http://h', self: 'http://h/?name=<a>"\u00e4\u0001' };
    const { Link } = linkHeader(pagesOf(odd, 1, position), position);
    expect(Link).toMatch(/^[ -~]+$/);
    expect(Link?.startsWith('<http://h/?name=%3Ca%3E%22%C3%A4%01&page=1>; rel="first"')).toBe(true);
  });
});
