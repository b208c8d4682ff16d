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
  for (const version of [1, 1, 1, 2, 2]) expect(await ask('t', version)).toEqual(jm());
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
