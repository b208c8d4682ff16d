import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createToken,
  listTokens,
  revokeToken,
  type TokenCreateOptions,
  type TokenDeps,
} from '../../../src/cli/commands/token.js';
import { configFolder } from '../../config/config-folder.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { captureIo } from '../captured-io.js';

const NOW = Date.UTC(2030, 0, 1);
const DAY_MS = 86_400_000;

async function scene({ spaces = '[{ user: jm, url: "http://127.0.0.1/jm/" }]', users = '' } = {}) {
  const folder = await configFolder({
    'users.txt': users,
    'ovadex.yaml': `data: { directory: x }\nspaces: ${spaces}`,
  });
  const { catalogue, tokens } = createMemoryIndex(() => NOW);
  const authority: Awaited<ReturnType<TokenDeps['open']>>['authority'] = {
    async issueAll(grants) {
      const hashed = grants.map((grant) => ({ ...grant, hash: `h4sh ${Math.random()}`, createdAt: NOW }));
      const records = await tokens.createAll(hashed);
      return records.map((record) => ({ token: `token-of-${record.user}`, record }));
    },
  };
  const acts: unknown[] = [];
  const deps: TokenDeps = {
    open: async () => ({ clock: () => NOW, catalogue, tokens, authority, close: async () => {} }),
    audit: async (_config, _io, act, details) => void acts.push([act, details]),
  };
  const config = join(folder, 'ovadex.yaml');
  const create = async (options: Partial<TokenCreateOptions> = {}) => {
    const io = captureIo();
    const whose = options.from === undefined ? { user: 'jm' } : {};
    const code = await createToken({ config, ...whose, ...options }, io, deps);
    return { code, out: io.out(), err: io.err() };
  };
  const list = async (json: boolean) => {
    const io = captureIo();
    await listTokens({ config, json }, io, deps);
    return io.out();
  };
  const revoke = (id: string) => revokeToken(id, { config }, captureIo(), deps);
  return { tokens, create, list, revoke, acts, file: join(folder, 'users.txt') };
}

describe('ovadex token create', () => {
  test('writes the token and nothing else to stdout', async () => {
    const { create } = await scene();
    const { code, out, err } = await create({ expires: '90d' });
    expect(code).toBe(0);
    expect(out).toBe('token-of-jm\n');
    expect(err).toBe('token 1 of jm: it expires 2030-04-01T00:00:00Z; it is not shown again\n');
  });

  test('keeps scopes, expiry and name; a year where none is given', async () => {
    const { create, tokens } = await scene();
    await create({ scope: ['admin', 'admin'], expires: '1d' });
    const { err } = await create({ name: ' nightly job ' });
    expect(err).toContain('it expires 2031-01-01T00:00:00Z');
    expect((await create({ expires: 'never' })).err).toContain('it never expires');
    expect(await tokens.list()).toMatchObject([
      { scopes: ['admin'], expiresAt: NOW + DAY_MS, name: null },
      { scopes: [], expiresAt: NOW + 365 * DAY_MS, name: 'nightly job' },
      { expiresAt: null },
    ]);
  });

  test('answers JSON without the hash, in the words of the API and for a while in the old ones, too', async () => {
    const { create } = await scene();
    const { out } = await create({ json: true, scope: ['admin'], expires: 'never' });
    expect(JSON.parse(out)).toEqual({
      token: 'token-of-jm',
      id: 1,
      user: 'jm',
      name: null,
      is_log_in: false,
      log_in: false,
      scopes: ['admin'],
      state: 'valid',
      created_on: '2030-01-01T00:00:00Z',
      updated_on: '2030-01-01T00:00:00Z',
      last_access: null,
      last_used_on: null,
      valid: true,
      expires_on: null,
      duration: null,
      disabled_on: null,
      revoked_on: null,
    });
  });

  test('refuses a user who has no space, and asks whether another one is meant', async () => {
    const { create, tokens } = await scene();
    const refused = create({ user: 'jmm' });
    await expect(refused).rejects.toMatchObject({ code: 'not-found' });
    await expect(refused).rejects.toThrow('no space of "jmm" (did you mean "jm"?) is configured');
    await expect(refused).rejects.toThrow('--force');
    expect(await tokens.list()).toEqual([]);
  });

  test.each<[string, Partial<TokenCreateOptions>, string | undefined]>([
    ['is forced', { force: true }, undefined],
    ['administers', { scope: ['admin'] }, undefined],
    ['may be discovered', {}, '[{ discover: "http://127.0.0.1/", auth: { type: none } }]'],
  ])('warns of a user without a space who %s', async (_, options, spaces) => {
    const { create } = await scene(spaces === undefined ? {} : { spaces });
    const { code, err } = await create({ user: 'ops', ...options });
    expect([code, err]).toEqual([0, expect.stringContaining('warning: "ops": no space yet')]);
  });

  test('makes one for each user of a file, with one line of the audit', async () => {
    const users = '# the lab\n jm \n\nlab, upper\n';
    const spaces = '[{ user: jm, url: "http://127.0.0.1/jm/" }, { user: "lab, upper", url: "http://127.0.0.1/lab/" }]';
    const { create, acts, file } = await scene({ users, spaces });
    const table = await create({ from: file });
    expect(
      table.out
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim().split(/\s{2,}/)),
    ).toEqual([
      ['jm', 'token-of-jm', '1', '2031-01-01T00:00:00Z'],
      ['lab, upper', 'token-of-lab, upper', '2', '2031-01-01T00:00:00Z'],
    ]);
    expect(table.err).toBe('2 tokens: they expire 2031-01-01T00:00:00Z; they are not shown again\n');
    expect(acts).toEqual([['token create', { file, first_id: 1, tokens: 2, scopes: '' }]]);
  });

  test.each<[Partial<TokenCreateOptions>, string]>([
    [{ csv: true }, 'user,token,id,name,scopes,expires_on\r\njm,token-of-jm,1,batch,,2031-01-01T00:00:00Z\r\n'],
    [{ json: true }, '"token": "token-of-jm"'],
  ])('of a file answers %j', async (options, expected) => {
    const { create, file } = await scene({ users: 'jm' });
    expect((await create({ from: file, name: 'batch', ...options })).out).toContain(expected);
  });

  test.each([
    ['', 'names no user'],
    ['# nobody\n', 'names no user'],
    ['jm\njm\n', 'users.txt:2: "jm" is named twice, first in line 1'],
  ])('refuses a file with %j', async (users, message) => {
    const { create, file, tokens } = await scene({ users });
    await expect(create({ from: file })).rejects.toThrow(message);
    expect(await tokens.list()).toEqual([]);
  });

  test('makes none of a file where one user has no space', async () => {
    const { create, file, tokens } = await scene({ users: 'jm\njmm\nzoe\n' });
    await expect(create({ from: file })).rejects.toThrow('no space of "jmm" (did you mean "jm"?), "zoe" is configured');
    expect(await tokens.list()).toEqual([]);
  });

  test.each([
    [{ scope: ['root'] }, '"root" is not a scope; use one of admin'],
    [{ expires: 'soon' }, '"soon" must be a number with a unit'],
    [{ expires: '0d' }, '"0d" must be'],
    [{ name: 'x'.repeat(101) }, 'at most 100 characters'],
    [{ name: 'a\u001b[31m' }, 'no control characters'],
    [{ name: 'a\ud83d' }, 'no half ones'],
    [{ user: '', force: true }, '--user: names no user'],
    [{ csv: true, json: true }, 'either --csv or --json'],
    [{ from: 'users.txt', user: 'jm' }, 'either --user U or --from FILE'],
  ])('refuses %j', async (options, message) => {
    const { create, tokens } = await scene();
    await expect(create(options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    });
    expect(await tokens.list()).toEqual([]);
  });
});

test.each([
  ['users.none', 'there is no such file'],
  ['/', 'it is a folder'],
])('ovadex token create --from %s is refused with its reason', async (from, reason) => {
  const { create } = await scene();
  await expect(create({ from })).rejects.toMatchObject({
    code: 'not-found',
    message: `--from: ${from} can't be read: ${reason}`,
  });
});

test('ovadex token list shows what each is for, when it was used, and no secret', async () => {
  const { create, list, revoke, tokens } = await scene();
  await create({ scope: ['admin'], expires: 'never', name: 'deploy' });
  for (const id of [2, 3]) expect((await create()).err).toContain(`token ${id}`);
  await tokens.create({ user: 'lab', scopes: [], hash: 'h4sh', createdAt: NOW - 2 * DAY_MS, expiresAt: NOW });
  await tokens.noteUses([{ id: 1, at: NOW - DAY_MS }]);
  await revoke('2');
  await tokens.setDisabled('jm', 3, NOW);
  const table = await list(false);
  const made = '2030-01-01T00:00:00Z';
  expect(
    table
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim().split(/\s{2,}/)),
  ).toEqual([
    ['1', 'jm', 'deploy', 'admin', made, '2029-12-31T00:00:00Z', 'never', 'valid'],
    ['2', 'jm', '-', '-', made, '-', '2031-01-01T00:00:00Z', 'revoked'],
    ['3', 'jm', '-', '-', made, '-', '2031-01-01T00:00:00Z', 'disabled'],
    ['4', 'lab', '-', '-', '2029-12-30T00:00:00Z', '-', made, 'expired'],
  ]);
  const json = await list(true);
  const states = (JSON.parse(json) as { tokens: { state: string }[] }).tokens.map(({ state }) => state);
  expect(states).toEqual(['valid', 'revoked', 'disabled', 'expired']);
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
