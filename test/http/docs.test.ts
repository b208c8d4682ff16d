import { createHash } from 'node:crypto';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { describe, expect, it } from 'vitest';
import { docsPage, type ShownDocument } from '../../src/http/openapi/docs-page.js';
import { createApiScene } from './api-scene.js';

/** The tags of a page; it is written so that a parser of XML reads it, but for what stands in the head. */
function tagsOf(page: string): SaxesTagPlain[] {
  const tags: SaxesTagPlain[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => tags.push(tag));
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(page.replace('<!doctype html>', '').replaceAll(/<meta ([^>]*)>/g, '<meta $1/>')).close();
  return tags;
}

const answered = async () => {
  const { app } = createApiScene();
  const response = await app.request('/docs');
  const document = (await (await app.request('/openapi.json')).json()) as ShownDocument;
  return { response, page: await response.text(), document };
};

describe('/docs', () => {
  it('is a page that needs no token', async () => {
    const { response, page } = await answered();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toMatch(/^<!doctype html>/);
  });

  it('loads nothing, from nowhere, and runs nothing', async () => {
    const tags = tagsOf((await answered()).page);
    expect(new Set(tags.map(({ name }) => name)).has('table')).toBe(true);
    for (const { name, attributes } of tags) {
      expect(['script', 'link', 'img', 'iframe', 'object', 'form', 'base', 'svg']).not.toContain(name);
      for (const [attribute, value] of Object.entries(attributes)) {
        expect(attribute).not.toMatch(/^(?:on|src|style|action|srcset|data)/);
        if (attribute === 'href') expect(value).toMatch(/^(?:#[\w-]+|openapi\.json)$/);
      }
    }
  });

  it('is allowed its own style by its policy, and nothing else', async () => {
    const { response, page } = await answered();
    const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('has every operation, parameter, status and schema of the document, and no link to what is not there', async () => {
    const { page, document } = await answered();
    const tags = tagsOf(page);
    const ids = tags.flatMap(({ attributes: { id } }) => (id === undefined ? [] : [id]));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of tags) {
      const { href = '' } = attributes;
      if (href.startsWith('#')) expect(ids).toContain(href.slice(1));
    }
    for (const name of Object.keys(document.components.schemas)) expect(ids).toContain(`schema-${name}`);
    for (const [method, operation] of Object.values(document.paths).flatMap((item) => Object.entries(item))) {
      expect(ids).toContain(operation.operationId);
      if (method === 'head' || method === 'options') continue;
      const start = page.indexOf(`<section id="${operation.operationId}">`);
      const section = page.slice(start, page.indexOf('</section>', start));
      for (const { name } of operation.parameters ?? []) expect(section).toContain(`<code>${name}</code>`);
      for (const status of Object.keys(operation.responses)) expect(section).toContain(`<b>${status}</b>`);
      expect(section).toContain('curl ');
    }
  });

  it('shows what lists come as beside JSON, as it comes', async () => {
    const { page } = await answered();
    expect(page).toContain('<summary>Body, text/csv</summary>');
    expect(page).toContain('Ubuntu_64-bit-vmx10.ova,images/Ubuntu_64-bit-vmx10.ova,7,');
  });

  it('shows texts as texts, whatever is in them', async () => {
    const { document } = await answered();
    const evil = '<script>alert("1")</script>&';
    const hostile = JSON.parse(
      JSON.stringify(document, (key, value: unknown) =>
        ['description', 'summary', 'title', 'version', 'format'].includes(key) && typeof value === 'string'
          ? evil
          : value,
      ),
    ) as ShownDocument;
    const page = docsPage(hostile);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
    expect(tagsOf(page).map(({ name }) => name)).not.toContain('script');
  });
});
