import { describe, expect, onTestFinished, test } from 'vitest';
import { pathFromBytes } from '../../../src/domain/model/path.js';
import { normalisationTwins } from '../awkward-names.js';
import { hrefsOf, propfindPlainly } from '../plain-http.js';
import { type DavServer, type DavServerOptions, startDavServer } from './dav-server.js';
import { HREF_STYLES, type HrefStyle } from './hrefs.js';
import type { PropertyStyle } from './properties.js';

const MODIFIED = Date.UTC(2026, 10, 3, 4, 5, 6);
const SIZE = 1234;

async function startServer(options: DavServerOptions = {}): Promise<DavServer> {
  const dav = await startDavServer({ now: () => MODIFIED, ...options });
  onTestFinished(() => dav.close());
  return dav;
}

describe('hrefs', () => {
  const name = (...bytes: number[]) => pathFromBytes(Uint8Array.from(bytes));
  test.for<[HrefStyle, string, string]>([
    ['path', 'a b#?[é]', '/dav/a%20b%23%3F%5B%C3%A9%5D/'],
    ['absolute', 'a b', 'ORIGIN/dav/a%20b/'],
    ['wrong-host', 'a b', 'https://public.example.org/dav/a%20b/'],
    ['double-slash', 'a', '//dav//a//'],
    ['no-slash', 'a', '/dav/a'],
    ['raw', 'a b#?[é]&', '/dav/a b#?[%C3%A9]&/'],
    ['raw-percent', '100% %41%zz', '/dav/100%%20%2541%zz/'],
    ['bytes', name(0xc3, 0xa9, 0xe9), '/dav/\xc3\xa9\xe9/'],
    ['encoded', 'a-b', '/dav%2Fa%2Db%2F'],
    ['path', 'a+b', '/dav/a+b/'],
    ['plus-encoded', 'a+b', '/dav/a%2Bb/'],
    ['lower-case', 'é', '/dav/%c3%a9/'],
    ['path', name(0xe9), '/dav/%E9/'],
  ])('written as %s: %s is %s', async ([hrefs, collection, expected]) => {
    const dav = await startServer({ hrefs, basePath: '/dav/' });
    dav.tree.mkdir(collection);
    const written = hrefsOf(await propfindPlainly(dav.url)).at(-1);
    expect(written?.replace(new URL(dav.url).origin, 'ORIGIN')).toBe(expected);
  });

  test('the root of a host has its slash in every style', async () => {
    for (const hrefs of HREF_STYLES) {
      const dav = await startServer({ hrefs });
      expect(hrefsOf(await propfindPlainly(dav.url))[0]).toMatch(/\/$/);
    }
  });

  test('twins of one name stay apart', async () => {
    const dav = await startServer();
    for (const twin of normalisationTwins.flat()) dav.tree.put(pathFromBytes(twin));
    const written = hrefsOf(await propfindPlainly(dav.url)).slice(1);
    expect(written.map((href) => decodeURIComponent(href).slice(1))).toEqual(normalisationTwins.flat().map(String));
  });

  test('mixed ones lead to the same, each in another manner', async () => {
    let draws = 0;
    const dav = await startServer({
      hrefs: 'mixed',
      random: () => (draws++ % HREF_STYLES.length) / HREF_STYLES.length,
    });
    for (let i = 0; i < 20; i++) dav.tree.mkdir(`a b+é${i}`);
    const written = hrefsOf(await propfindPlainly(dav.url))
      .slice(1)
      .map((href) => href.replace(/\d+/g, ''));
    expect(new Set(written).size).toBeGreaterThan(6);
  });
});

describe('properties', () => {
  /** The entries of a collection and of a file in it, without line breaks. */
  const entries = async (properties: DavServerOptions['properties'], options: DavServerOptions = {}, body = '') => {
    const dav = await startServer({ ...options, ...(properties === undefined ? {} : { properties }) });
    dav.tree.put('c/x.ova', { size: SIZE });
    const text = (await propfindPlainly(`${dav.url}c/`, { body })).body.toString().replaceAll('\n', '');
    const etag = `${SIZE.toString(16)}-${dav.tree.find('c/x.ova')?.version.toString(16)}`;
    const [, collection = '', file = ''] = text.replaceAll(etag, 'ETAG').split(/(?=<(?:\w+:)?response\b)/);
    return { collection, file };
  };
  const entry = (part: 'collection' | 'file', style: Partial<PropertyStyle>) =>
    entries(style).then((both) => both[part]);

  test.for<['collection' | 'file', Partial<PropertyStyle>, string]>([
    ['collection', {}, '<lp1:resourcetype><D:collection/></lp1:resourcetype>'],
    ['collection', {}, '<D:prop><g0:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status>'],
    ['file', {}, `<lp1:getcontentlength>${SIZE}</lp1:getcontentlength>`],
    ['file', { prefix: 'D' }, '<D:resourcetype></D:resourcetype>'],
    ['file', { prefix: 'd' }, '<d:response xmlns:d="DAV:"><d:href>'],
    [
      'collection',
      { prefix: 'none' },
      '<response xmlns="DAV:"><href>/c/</href><propstat><prop><resourcetype><collection/>',
    ],
    ['file', { isStatusFirst: true }, '<D:propstat><D:status>HTTP/1.1 200 OK</D:status><D:prop>'],
    ['file', { statusLine: 'HTTP/2 200' }, '</D:prop><D:status>HTTP/2 200</D:status></D:propstat>'],
    ['file', { statusLine: null }, '</D:prop></D:propstat></D:response>'],
    ['collection', { lacking: 'first' }, '</D:href><D:propstat><D:prop><g0:getcontentlength/></D:prop>'],
    ['collection', { lacking: 'left out' }, '200 OK</D:status></D:propstat></D:response>'],
    ['collection', { type: 'iscollection' }, '<D:prop><lp1:iscollection>1</lp1:iscollection>'],
    ['file', { type: 'iscollection' }, '<D:prop><lp1:iscollection>0</lp1:iscollection>'],
    ['collection', { type: 'content-type' }, '<D:prop><lp1:getcontenttype>httpd/unix-directory</lp1:getcontenttype>'],
    ['collection', { type: 'slash' }, '/c/</D:href><D:propstat><D:prop><lp1:getlastmodified>'],
    ['file', { size: 'negative' }, '<lp1:getcontentlength>-1235</lp1:getcontentlength>'],
    ['file', { size: 'absent' }, '<D:prop><g0:getcontentlength/></D:prop>'],
    ['file', { date: 'rfc1123' }, '>Tue, 03 Nov 2026 04:05:06 GMT<'],
    ['file', { date: 'rfc1123z' }, '>Tue, 03 Nov 2026 04:05:06 +0000<'],
    ['file', { date: 'utc' }, '>Tue, 03 Nov 2026 04:05:06 UTC<'],
    ['file', { date: 'one-digit' }, '>Tue, 3 Nov 2026 04:05:06 GMT<'],
    ['file', { date: 'rfc850' }, '>Tuesday, 03-Nov-26 04:05:06 GMT<'],
    ['file', { date: 'unix' }, '>Tue Nov  3 04:05:06 UTC 2026<'],
    ['file', { date: 'rfc3339' }, '>2026-11-03T04:05:06Z<'],
    ['file', { etag: 'quoted' }, '<lp1:getetag>"ETAG"</lp1:getetag>'],
    ['file', { etag: 'escaped' }, '<lp1:getetag>&quot;ETAG&quot;</lp1:getetag>'],
    ['file', { etag: 'unquoted' }, '<lp1:getetag>ETAG</lp1:getetag>'],
    ['file', { etag: 'weak' }, '<lp1:getetag>W/"ETAG"</lp1:getetag>'],
    ['file', { etag: 'gzip-inside' }, '<lp1:getetag>"ETAG-gzip"</lp1:getetag>'],
    ['file', { etag: 'gzip-behind' }, '<lp1:getetag>"ETAG"-gzip</lp1:getetag>'],
  ])('of a %s with %o', async ([part, style, expected]) => {
    expect(await entry(part, style)).toContain(expected);
  });

  test('mixed ones say the same, each in another manner', async () => {
    let draws = 0;
    const dav = await startServer({ properties: 'mixed', random: () => (draws++ * 0.618) % 1 });
    for (let i = 0; i < 20; i++) dav.tree.put(`${i}.ova`, { size: SIZE });
    const text = (await propfindPlainly(dav.url)).body.toString();
    const shapes = text
      .split(/(?=<(?:\w+:)?response\b)/)
      .slice(2)
      .map((each) => each.replace(/\d+\.ova/, '').replace(/4d2-\w+/, ''));
    expect(new Set(shapes).size).toBeGreaterThan(10);
    expect(text.match(new RegExp(`>${SIZE}<`, 'g'))).toHaveLength(20);
  });

  test('a kind that only a slash tells is refused where no slash is sure', async () => {
    await expect(startDavServer({ hrefs: 'no-slash', properties: { type: 'slash' } })).rejects.toThrow('no-slash');
  });

  const BODY = `<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/>
    <oc:fileid/><oc:permissions/></d:prop></d:propfind>`;
  test('oc: properties are told where they are known and asked for', async () => {
    const { collection, file } = await entries(undefined, { markers: 'nextcloud' }, BODY);
    expect(collection).toMatch(/<oc:fileid [^>]*>\d{8}oc\w+<\/oc:fileid><oc:permissions [^>]*>RGDNVCK</);
    expect(file).toMatch(/<oc:permissions [^>]*>RGDNVW</);
    const unasked = await entries(undefined, { markers: 'nextcloud' }, BODY.replace(/<oc:.*\/>/, ''));
    expect(unasked.collection).not.toContain('oc:');
    const unknown = await entries(undefined, {}, BODY);
    expect(unknown.file).toMatch(/<oc:fileid [^>]*\/><oc:permissions [^>]*\/><\/D:prop><D:status>HTTP\/1.1 404/);
  });

  test('oc:permissions has an M at a mount and inside', async () => {
    const dav = await startServer({ markers: 'nextcloud' });
    dav.tree.put('m/in/x.ova');
    dav.tree.put('y.ova');
    dav.tree.setMount('m', true);
    const permissions = async (path: string) =>
      (await propfindPlainly(`${dav.url}${path}`, { body: BODY })).body.toString().match(/(?<=>)M?RGD\w+(?=<)/g);
    expect(await permissions('')).toEqual(['RGDNVCK', 'MRGDNVCK', 'RGDNVW']);
    expect(await permissions('m/in/')).toEqual(['MRGDNVCK', 'MRGDNVW']);
  });
});
