import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAssets } from '../../../src/http/assets/assets.js';
import { placeOf } from '../../../src/http/assets/source.js';
import { DOCS_ASSETS } from '../../../src/http/openapi/docs-assets.js';
import { createApiScene } from '../api-scene.js';

/** The address by which the page names what the table has under this name. */
async function addressOf({ app }: ReturnType<typeof createApiScene>, name: string): Promise<string> {
  const page = await (await app.request('/docs')).text();
  const [stem, ending] = name.split('.');
  const [, address] = new RegExp(`(?:href|src)="(assets/${stem}\\.[\\w-]{16}\\.${ending})"`).exec(page) ?? [];
  return `/${address}`;
}

describe('an asset', () => {
  it.each(DOCS_ASSETS)('$name has its hash in its address, and is kept for good by whoever has it', async (source) => {
    const scene = createApiScene();
    const content = await readFile(placeOf(source));
    const address = await addressOf(scene, source.name);
    expect(address).toContain(createHash('sha256').update(content).digest('base64url').slice(0, 16));
    const response = await scene.app.request(address);
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-length': `${content.length}`,
      'content-type': source.name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
      etag: expect.stringMatching(/^W\/".+"$/) as string,
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('comes as %s to whoever takes that', async (coding, decompress) => {
    const scene = createApiScene();
    const address = await addressOf(scene, 'swagger-ui.css');
    const headers = { 'accept-encoding': coding };
    const [first, second] = [
      await scene.app.request(address, { headers }),
      await scene.app.request(address, { headers }),
    ];
    expect(first.headers.get('content-encoding')).toBe(coding);
    const bytes = Buffer.from(await first.arrayBuffer());
    expect(decompress(bytes).equals(await readFile(placeOf(DOCS_ASSETS[1])))).toBe(true);
    expect(bytes.length).toBeLessThan(40_000);
    expect(Buffer.from(await second.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('tells its headers to HEAD, and nothing anew to whoever has it', async () => {
    const scene = createApiScene();
    const address = await addressOf(scene, 'docs.css');
    const get = await scene.app.request(address);
    const head = await scene.app.request(address, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    const headers = { 'if-none-match': get.headers.get('etag') ?? '' };
    const again = await scene.app.request(address, { headers });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(again.headers.get('cache-control')).toBe(get.headers.get('cache-control'));
  });

  it.each([
    '/assets/docs.js',
    '/assets/docs.AAAAAAAAAAAAAAAA.js',
    '/assets/..%2fopenapi%2fdocs-page.AAAAAAAAAAAAAAAA.js',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/assets/tsconfig.AAAAAAAAAAAAAAAA.json',
    '/assets/constructor.AAAAAAAAAAAAAAAA.js',
    '/assets/',
    '/assets/swagger-ui-dist/LICENSE',
  ])('is not %s: nothing is reached but what the table names, as it is now', async (path) => {
    const response = await createApiScene().app.request(path);
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('takes no other methods', async () => {
    const scene = createApiScene();
    const address = await addressOf(scene, 'docs.js');
    const response = await scene.app.request(address, { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is counted under one route, whatever is asked for', async () => {
    const { createTraffic } = await import('../../../src/http/gate/traffic.js');
    const traffic = createTraffic();
    const scene = createApiScene({ traffic });
    for (const name of ['a', 'b']) await scene.app.request(`/assets/${name}.js`);
    const routes = traffic.read().filter(({ route }) => route.startsWith('/assets'));
    expect(routes.map(({ route, byStatus }) => [route, byStatus.get(404)])).toEqual([['/assets', 2]]);
  });
});

describe('a table of assets', () => {
  const fileWith = (content: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-assets-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'x.css');
    writeFileSync(file, content);
    return file;
  };

  it('reads nothing before it is asked', async () => {
    const assets = createAssets([{ name: 'gone.css', from: 'gone.css' }]);
    await expect(assets.addressOf('gone.css')).rejects.toThrow('ENOENT');
    await expect(assets.addressOf('other.css')).rejects.toThrow('there is no asset "other.css"; there are gone.css');
  });

  it('gives a file that was replaced no other address than that of its content', async () => {
    const file = fileWith('a{}');
    const up = `${'../'.repeat(20)}${file.slice(1)}`;
    const assets = createAssets([{ name: 'x.css', from: up }]);
    const before = await assets.addressOf('x.css');
    const scene = createApiScene({ assets });
    writeFileSync(file, 'b{}');
    expect((await scene.app.request(`/${before}`)).status).toBe(404);
    const after = await assets.addressOf('x.css');
    expect(after).not.toBe(before);
    expect(await (await scene.app.request(`/${after}`)).text()).toBe('b{}');
  });
});
