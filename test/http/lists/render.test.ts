import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CSV_FORM, chooseForm } from '../../../src/http/lists/render.js';
import { createApiScene, PUBLIC_URL } from '../api-scene.js';

describe('the form of a list', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json, text/plain, */*', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    ['text/csv', 'csv'],
    ['TEXT/CSV; charset=utf-8', 'csv'],
    ['text/csv, */*', 'csv'],
    ['*/*, text/csv', 'csv'],
    ['text/csv;q=0.5, application/json', 'json'],
    ['text/csv;q=0.5, */*', 'json'],
    ['application/json, text/csv', 'json'],
    ['application/json;q=0.1, text/csv;q=0.2', 'csv'],
    ['text/csv;q=0', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/jsonl, text/csv', 'ndjson'],
    ['image/png', 'json'],
  ])('for Accept: %s is %s', (accept, name) => expect(chooseForm(accept).name).toBe(name));
});

describe('a line of CSV', () => {
  it.each([
    [{ a: 'x', b: 1, c: null, d: true }, 'x,1,,true'],
    [{ a: 'a,b', b: 'say "x"', c: 'a\nb' }, '"a,b","say ""x""",a\\u{a}b'],
    [{ a: ' a', b: 'a ', c: 'a b' }, '" a","a ",a b'],
    // A spreadsheet would compute these; the quote makes them texts.
    [{ a: '=1+1', b: '+1', c: '-1', d: '@x' }, "'=1+1,'+1,'-1,'@x"],
    [{ a: '\t=1', b: '=HYPERLINK("http://x",1)' }, `'\\u{9}=1,"'=HYPERLINK(""http://x"",1)"`],
    [{ a: 'a=1', b: -5 }, 'a=1,-5'],
  ])('of %j is %j', (item, line) => expect(CSV_FORM.item(item)).toBe(`${line}\r\n`));
});

async function createFormScene(paths: readonly string[]) {
  const scene = createApiScene();
  await scene.addSpace('jm');
  await scene.sync('jm', paths);
  const token = await scene.tokenFor('jm');
  const get = (accept: string, query = '', init: RequestInit = {}) =>
    scene.ask(token, `/v2/image${query}`, { ...init, headers: { accept, ...init.headers } });
  return { ...scene, get };
}

describe('the image list', () => {
  const PATHS = ['b/größe.ova', 'a/1,2.ova', '=cmd.ova'];

  it('comes as one item a line', async () => {
    const { get } = await createFormScene(PATHS);
    const response = await get('application/x-ndjson', '?sort=name');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await response.text()).split('\n');
    expect(lines.pop()).toBe('');
    const { data } = (await (await get('application/json', '?sort=name')).json()) as { data: object[] };
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(data);
  });

  it('comes as a table', async () => {
    const { get } = await createFormScene(PATHS);
    const response = await get('text/csv', '?sort=path');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const at = '2026-11-24T12:00:00.000Z';
    expect((await response.text()).split('\r\n')).toEqual([
      'name,path,id,size,created_on,updated_on,modified_on,settled,state',
      `'=cmd.ova,'=cmd.ova,3,200,${at},${at},${at},true,unknown`,
      `"1,2.ova","a/1,2.ova",2,100,${at},${at},${at},true,unknown`,
      `größe.ova,b/größe.ova,1,,${at},${at},${at},true,unknown`,
      '',
    ]);
  });

  it.each(['application/x-ndjson', 'text/csv'])('has all else that JSON has: %s', async (accept) => {
    const { get } = await createFormScene(PATHS);
    const json = await get('application/json', '?per_page=2&fitler=x');
    const response = await get(accept, '?per_page=2&fitler=x');
    for (const name of ['link', 'x-total-count', 'x-synced-on', 'x-ignored-parameters', 'cache-control']) {
      expect(response.headers.get(name)).toBe(json.headers.get(name));
    }
    expect(response.headers.get('link')).toContain(`${PUBLIC_URL}/v2/image`);
    expect(response.headers.get('vary')).toBe('Authorization, Accept-Encoding, Accept');
    const etag = response.headers.get('etag') ?? '';
    expect(etag).not.toBe(json.headers.get('etag'));
    const again = await get(accept, '?per_page=2&fitler=x', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const other = await get('application/json', '?per_page=2&fitler=x', { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
    const head = await get(accept, '?per_page=2&fitler=x', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, response.headers.get('content-type')]);
    expect(head.headers.get('content-length')).toBe(`${(await response.arrayBuffer()).byteLength}`);
    expect((await get(accept, '?sort=nothing')).headers.get('content-type')).toBe('application/problem+json');
  });

  it('comes compressed, and empty', async () => {
    const { get } = await createFormScene(Array.from({ length: 50 }, (_, i) => `${i}.ova`));
    for (const [coding, decode] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const plain = await (await get('text/csv')).text();
      const response = await get('text/csv', '', { headers: { 'accept-encoding': coding } });
      expect(response.headers.get('content-encoding')).toBe(coding);
      expect(decode(Buffer.from(await response.arrayBuffer())).toString()).toBe(plain);
    }
    expect(await (await get('application/x-ndjson', '?name=nothing')).text()).toBe('');
    expect((await (await get('text/csv', '?name=nothing')).text()).split('\r\n')).toHaveLength(2);
  });
});
