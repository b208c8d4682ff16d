import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createConsoleAssets } from '../../src/console/assets.js';

const FOLDER = join(import.meta.dirname, '../../src/browser/console');
const ask = (path: string) => new Request(`https://vss-api.example.org/console${path}`);

describe('what pages load', () => {
  it('has addresses that change with the content, and is kept for a year', async () => {
    const { style, scripts, answer } = await createConsoleAssets();
    for (const [path, type] of [
      [style, 'text/css; charset=utf-8'],
      [scripts[0] ?? '', 'text/javascript; charset=utf-8'],
    ] as const) {
      const response = answer(ask(path));
      expect(response?.headers.get('content-type')).toBe(type);
      expect(response?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(path).toMatch(/^\/assets\/[0-9a-f]{16}\/console\.(?:css|js)$/);
    }
  });

  it.each([
    ['gzip, deflate', 'gzip', gunzipSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['', null, (content: Buffer) => content],
  ] as const)('is encoded as a browser that accepts %j likes it', async (accepted, coding, decode) => {
    const { style, answer } = await createConsoleAssets();
    const plain = readFileSync(join(FOLDER, 'console.css'));
    const response = answer(new Request(ask(style), { headers: { 'accept-encoding': accepted } }));
    expect(response?.headers.get('content-encoding')).toBe(coding);
    expect(response?.headers.get('vary')).toBe('Accept-Encoding');
    const content = Buffer.from((await response?.arrayBuffer()) ?? new ArrayBuffer(0));
    expect(decode(content)).toEqual(plain);
    if (coding !== null) expect(content.length).toBeLessThan(plain.length / 2);
  });

  it('is complete: whatever a script imports is there', async () => {
    const { scripts, answer } = await createConsoleAssets();
    const base = (scripts[0] ?? '').replace(/[^/]+$/, '');
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.js'))) {
      const imported = [...readFileSync(join(FOLDER, file), 'utf8').matchAll(/from '\.\/([^']+)'/g)];
      for (const [, name] of imported) expect(answer(ask(base + name)), `${file} imports ${name}`).not.toBeNull();
    }
  });

  it.each(['/assets/0000000000000000/console.css', '/assets/console.css', '/assets/../console.tsx'])(
    'is nothing else: %s',
    async (path) => {
      expect((await createConsoleAssets()).answer(ask(path))).toBeNull();
    },
  );
});
