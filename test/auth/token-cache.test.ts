import { expect, it, vi } from 'vitest';
import { rememberPrincipals } from '../../src/auth/token-cache.js';
import type { Principal } from '../../src/domain/model/token.js';

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
