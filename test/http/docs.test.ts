import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { describe, expect, it } from 'vitest';
import { DOCS_ASSETS } from '../../src/http/openapi/docs-assets.js';
import { DOCS_POLICY, docsPage, type ShownDocument } from '../../src/http/openapi/docs-page.js';
import { createApiScene } from './api-scene.js';

/** The tags of a page; it is written so that a parser of XML reads it, but for what stands in the head. */
function tagsOf(page: string): SaxesTagPlain[] {
  const tags: SaxesTagPlain[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => tags.push(tag));
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(page.replace('<!doctype html>', '').replaceAll(/<(meta|link) ([^>]*)>/g, '<$1 $2/>')).close();
  return tags;
}

const answered = async (path = '/docs') => {
  const { app } = createApiScene();
  const response = await app.request(path);
  const document = (await (await app.request('/openapi.json')).json()) as ShownDocument;
  return { app, response, page: await response.text(), document };
};
const ADDRESSES = Object.fromEntries(DOCS_ASSETS.map(({ name }) => [name, `assets/${name}`])) as Parameters<
  typeof docsPage
>[2];

describe('/docs', () => {
  it('is a page that needs no token', async () => {
    const { response, page } = await answered();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toMatch(/^<!doctype html>/);
  });

  it.each([
    ['/docs', ''],
    ['/docs/', '../'],
  ])('loads at %s only what is served beside it, and has nothing inline', async (path, root) => {
    const { app, page } = await answered(path);
    for (const { name, attributes } of tagsOf(page)) {
      expect(['style', 'img', 'iframe', 'object', 'form', 'base', 'svg']).not.toContain(name);
      for (const [attribute, value] of Object.entries(attributes)) {
        expect(attribute).not.toMatch(/^(?:on|style|action|srcset|data$)/);
        if ((attribute !== 'href' && attribute !== 'src') || value === 'data:,') continue;
        expect(value).toMatch(/^(?:\.\.\/)?(?:openapi\.json|v2|assets\/[\w.-]+)$/);
        const target = new URL(value, `http://localhost${path}`).pathname;
        expect(target).toBe(`/${value.slice(root.length)}`);
        expect((await app.request(target)).status).toBe(200);
      }
    }
    expect(page).not.toMatch(/<script[^>]*>[^<]/);
  });

  it('is allowed scripts, styles and calls of its own origin, and nothing else', async () => {
    const { response } = await answered();
    expect(response.headers.get('content-security-policy')).toBe(DOCS_POLICY);
    expect(DOCS_POLICY).not.toMatch(/unsafe|https?:|\*/);
    expect(DOCS_POLICY.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      'img-src data:',
      "script-src 'self'",
      "style-src 'self'",
    ]);
  });

  it('lists without scripts every call, and who may make it', async () => {
    const { page, document } = await answered();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { summary }] of Object.entries(item)) {
        const line = `<li><code>${method.toUpperCase()} ${path}</code> ${summary}; needs `;
        expect(page.includes(line)).toBe(method !== 'head' && method !== 'options');
      }
    }
    expect(page).toContain('<li><code>GET /v2/image</code> List images; needs a token.</li>');
    expect(page).toContain('needs a token with the scope &quot;admin&quot;.</li>');
  });

  it('shows texts as texts, whatever is in them', async () => {
    const { document } = await answered();
    const evil = '<script>alert("1")</script>&`<b>`';
    const hostile = JSON.parse(
      JSON.stringify(document, (key, value: unknown) =>
        ['description', 'summary', 'title', 'version'].includes(key) && typeof value === 'string' ? evil : value,
      ),
    ) as ShownDocument;
    const page = docsPage(hostile, '', ADDRESSES);
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;<code>&lt;b&gt;</code>');
    expect(tagsOf(page).filter(({ name }) => name === 'script')).toHaveLength(2);
    expect(tagsOf(page).map(({ name }) => name)).not.toContain('b');
  });
});
