import { describe, expect, it, vi } from 'vitest';
import { rememberPrincipals } from '../../src/auth/token-cache.js';
import { OvadexError } from '../../src/domain/model/errors.js';
import type { Principal } from '../../src/domain/model/token.js';

const NOW = 1_000;

function scene(principal: Principal | null) {
  const clock = { now: 1_000 };
  const verify = vi.fn(async () => principal);
  return { clock, verify, ask: rememberPrincipals({ verify, clock: () => clock.now }) };
}
const jm = (expiresAt: number | null = null): Principal => ({ user: 'jm', scopes: [], expiresAt });

it('asks once while nobody has written, and again when somebody may have', async () => {
  const { verify, ask } = scene(jm());
  for (const version of [1, 1, 1, 2, 2])
    expect(await ask('t', version)).toEqual({ ...jm(), known: { from: 1_000, until: 61_000 } });
  expect(verify).toHaveBeenCalledTimes(2);
});

it('keeps tokens apart', async () => {
  const { verify, ask } = scene(jm());
  await ask('t', 1);
  await ask('u', 1);
  expect(verify.mock.calls).toEqual([['t'], ['u']]);
});

it('asks again from the moment that a token expires', async () => {
  const { clock, verify, ask } = scene(jm(2_000));
  await ask('t', 1);
  clock.now = 1_999;
  await ask('t', 1);
  expect(verify).toHaveBeenCalledTimes(1);
  clock.now = 2_000;
  verify.mockResolvedValueOnce(null);
  expect(await ask('t', 1)).toBeNull();
});

it('remembers no refusal', async () => {
  const { verify, ask } = scene(null);
  await ask('t', 1);
  expect(await ask('t', 1)).toBeNull();
  expect(verify).toHaveBeenCalledTimes(2);
});

it('asks again after a minute, since an issuer may have withdrawn the key', async () => {
  const { clock, verify, ask } = scene(jm());
  await ask('t', 1);
  clock.now += 59_999;
  await ask('t', 1);
  expect(verify).toHaveBeenCalledTimes(1);
  clock.now += 1;
  verify.mockResolvedValueOnce(null as unknown as Principal);
  expect(await ask('t', 1)).toBeNull();
});

it('notes a use when it looks at a token, and none of a refused one', async () => {
  const clock = { now: 1_000 };
  const noted: number[] = [];
  const verify = async (token: string) => (token === 'good' ? { ...jm(), tokenId: 7 } : null);
  const ask = rememberPrincipals({ verify, clock: () => clock.now, noteUse: (id) => void noted.push(id) });
  for (const token of ['good', 'good', 'bad']) await ask(token, 1);
  expect(noted).toEqual([7]);
  clock.now += 60_000;
  await ask('good', 1);
  expect(noted).toEqual([7, 7]);
});

describe('while the index is away', () => {
  const away = new OvadexError('index', 'the database can not be reached at present');

  function awayScene() {
    const scene: { now: number; isAway: boolean; isTrusted: boolean } = { now: NOW, isAway: false, isTrusted: true };
    const verify = vi.fn(async (): Promise<Principal | null> => {
      if (scene.isAway) throw away;
      return { user: 'jm', scopes: [], expiresAt: NOW + 300_000 };
    });
    const asked: number[] = [];
    const mayTrust = (_error: unknown, stamp: number) => {
      asked.push(stamp);
      return scene.isTrusted;
    };
    const ask = rememberPrincipals({ verify, clock: () => scene.now, stale: { mayTrust, briefly: (read) => read() } });
    return { scene, ask, asked };
  }

  it('a token that is known stays good, for that request alone and only as long as what was read with it may be served', async () => {
    const { scene, ask, asked } = awayScene();
    await ask('good', 1);
    scene.isAway = true;
    scene.now += 120_000;
    expect(await ask('good', 2)).toEqual({ user: 'jm', scopes: [], expiresAt: NOW + 300_000 });
    expect(await ask('good', 3)).toMatchObject({ user: 'jm' });
    expect(asked).toEqual([1, 1]);
    scene.isTrusted = false;
    await expect(ask('good', 4)).rejects.toBe(away);
  });

  it('one that has expired, or was never seen, is not', async () => {
    const { scene, ask } = awayScene();
    await ask('good', 1);
    scene.isAway = true;
    await expect(ask('other', 2)).rejects.toBe(away);
    scene.now = NOW + 300_000;
    await expect(ask('good', 2)).rejects.toBe(away);
  });

  it('one that the index has refused before is not', async () => {
    const { scene, ask } = awayScene();
    await ask('good', 1);
    const refusing = rememberPrincipals({
      verify: async () => (scene.isAway ? Promise.reject(away) : null),
      clock: () => scene.now,
      stale: { mayTrust: () => true, briefly: (read) => read() },
    });
    expect(await refusing('good', 1)).toBeNull();
    scene.isAway = true;
    await expect(refusing('good', 2)).rejects.toBe(away);
  });
});
