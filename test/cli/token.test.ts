import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createToken, listTokens, revokeToken, type TokenCreateOptions, type TokenDeps } from '../../src/cli/token.js';
import { configFolder } from '../config/config-folder.js';
import { createMemoryIndex } from '../support/memory-index.js';
import { captureIo } from './captured-io.js';

const NOW = Date.UTC(2030, 0, 1);
const DAY_MS = 86_400_000;

async function scene() {
  const folder = await configFolder({
    'ovadex.yaml': 'data: { directory: x }\nspaces: [{ user: jm, url: "http://127.0.0.1/jm/" }]',
  });
  const { catalogue, tokens } = createMemoryIndex(() => NOW);
  const authority: ReturnType<TokenDeps['open']>['authority'] = {
    async issue({ user, scopes, expiresAt }) {
      return {
        token: `token-of-${user}`,
        record: await tokens.create({ user, scopes, expiresAt, hash: 'h4sh', createdAt: NOW }),
      };
    },
  };
  const acts: unknown[] = [];
  const deps: TokenDeps = {
    open: () => ({ catalogue, tokens, authority, close: () => {} }),
    clock: () => NOW,
    audit: (_config, _io, act, details) => void acts.push([act, details]),
  };
  const config = join(folder, 'ovadex.yaml');
  const create = async (options: Partial<TokenCreateOptions> = {}) => {
    const io = captureIo();
    const code = await createToken({ config, user: 'jm', ...options }, io, deps);
    return { code, out: io.out(), err: io.err() };
  };
  const list = async (json: boolean) => {
    const io = captureIo();
    await listTokens({ config, json }, io, deps);
    return io.out();
  };
  const revoke = (id: string) => revokeToken(id, { config }, captureIo(), deps);
  return { tokens, create, list, revoke, acts };
}

describe('ovadex token create', () => {
  test('writes the token and nothing else to stdout', async () => {
    const { create } = await scene();
    const { code, out, err } = await create({ expires: '90d' });
    expect(code).toBe(0);
    expect(out).toBe('token-of-jm\n');
    expect(err).toBe('token 1 of jm: it expires 2030-04-01T00:00:00Z; it will not be shown again\n');
  });

  test('keeps scopes and expiry', async () => {
    const { create, tokens } = await scene();
    await create({ scope: ['admin', 'admin'], expires: '1d' });
    await create();
    expect(await tokens.list()).toMatchObject([
      { scopes: ['admin'], expiresAt: NOW + DAY_MS },
      { scopes: [], expiresAt: null },
    ]);
  });

  test('answers JSON without the hash', async () => {
    const { create } = await scene();
    const { out } = await create({ json: true, scope: ['admin'] });
    expect(JSON.parse(out)).toEqual({
      token: 'token-of-jm',
      id: 1,
      user: 'jm',
      scopes: ['admin'],
      created_on: '2030-01-01T00:00:00Z',
      expires_on: null,
      revoked_on: null,
    });
  });

  test('warns of a user without a space', async () => {
    const { create } = await scene();
    expect((await create({ user: 'ops' })).err).toContain('warning: "ops" has no space');
  });

  test.each([
    [{ scope: ['root'] }, '"root" is not a scope; use one of admin'],
    [{ expires: 'soon' }, '"soon" must be a number with a unit'],
    [{ expires: '0d' }, '"0d" must be'],
  ])('refuses %j', async (options, message) => {
    const { create, tokens } = await scene();
    await expect(create(options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    });
    expect(await tokens.list()).toEqual([]);
  });
});

test('ovadex token list shows what state each is in, and no secret', async () => {
  const { create, list, revoke, tokens } = await scene();
  await create({ scope: ['admin'] });
  await create();
  await tokens.create({ user: 'lab', scopes: [], hash: 'h4sh', createdAt: NOW - 2 * DAY_MS, expiresAt: NOW });
  await revoke('2');
  const table = await list(false);
  expect(
    table
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim().split(/\s{2,}/)),
  ).toEqual([
    ['1', 'jm', 'admin', '2030-01-01T00:00:00Z', 'never', 'valid'],
    ['2', 'jm', '-', '2030-01-01T00:00:00Z', 'never', 'revoked'],
    ['3', 'lab', '-', '2029-12-30T00:00:00Z', '2030-01-01T00:00:00Z', 'expired'],
  ]);
  const json = await list(true);
  expect(JSON.parse(json)).toMatchObject({ tokens: [{ state: 'valid' }, { state: 'revoked' }, { state: 'expired' }] });
  expect(table + json).not.toContain('h4sh');
});

test.each([
  ['9', 'not-found'],
  ['0', 'usage'],
  ['1x', 'usage'],
  ['', 'usage'],
])('ovadex token revoke refuses the id "%s"', async (id, code) => {
  const { revoke } = await scene();
  await expect(revoke(id)).rejects.toMatchObject({ code });
});
