import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createIssuerKeys } from '../../src/auth/issuer-keys.js';
import { type Issuer, type IssuerFault, startIssuer } from '../support/issuer.js';

async function createScene({ discovers = false, named = (issuer: Issuer) => issuer.url } = {}) {
  const issuer = await startIssuer();
  onTestFinished(() => issuer.close());
  const scene = { now: 1_000_000_000 };
  const logLines: string[] = [];
  const keys = createIssuerKeys(
    { issuer: named(issuer), jwksUrl: discovers ? null : issuer.jwksUrl },
    {
      fetch,
      clock: () => scene.now,
      logger: pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) }),
    },
  );
  /** Whether a token that the issuer signs now is one of its own. */
  const check = async (token?: string) => {
    const find: JWTVerifyGetKey = (header, jws) => keys.find(header, jws);
    await jwtVerify(token ?? (await issuer.sign({})), find, { algorithms: ['ES256'] });
    return true;
  };
  return Object.assign(scene, { issuer, keys, check, logLines });
}

const FAULTS: readonly IssuerFault[] = ['down', 'html', 'huge', 'redirect', 'empty'];

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens', async () => {
    const { check, issuer } = await createScene();
    const checks = await Promise.all(Array.from({ length: 20 }, () => check()));
    expect(checks).not.toContain(false);
    expect(issuer.requests).toEqual(['/keys']);
  });

  it('are found by discovery', async () => {
    const { check, issuer } = await createScene({ discovers: true });
    expect(await check()).toBe(true);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('are not taken from a discovery document of another issuer', async () => {
    const { check, logLines, issuer } = await createScene({ discovers: true, named: ({ url }) => `${url}/` });
    await expect(check()).rejects.toMatchObject({ code: 'unavailable' });
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration']);
    expect(logLines.join('')).toContain('belongs to another issuer');
  });

  it('are fetched again for a token with a new one, at most every half minute', async () => {
    const scene = await createScene();
    const { check, issuer } = scene;
    await check();
    scene.now += 30_000;
    await issuer.rotate(1);
    expect(await check()).toBe(true);
    expect(issuer.requests).toHaveLength(2);
    const unknown = await issuer.sign({}, { kid: 'nobody-knows' });
    for (let i = 0; i < 20; i++)
      await expect(check(unknown)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    expect(issuer.requests).toHaveLength(2);
    scene.now += 30_000;
    await Promise.all(Array.from({ length: 20 }, () => expect(check(unknown)).rejects.toThrow()));
    expect(issuer.requests).toHaveLength(3);
  });

  it('are fetched again behind the scenes when they are old, and a withdrawn one is refused then', async () => {
    const scene = await createScene();
    const { check, issuer } = scene;
    const withdrawn = await issuer.sign({});
    await check(withdrawn);
    await issuer.rotate();
    scene.now += 600_000;
    expect(await check(withdrawn)).toBe(true); // nobody waits for the issuer
    await vi.waitUntil(() => issuer.requests.length === 2);
    await expect.poll(() => check(withdrawn).catch(() => false)).toBe(false);
    expect(await check()).toBe(true);
  });

  it.each(FAULTS)('stay the last good ones while the issuer is %s, however long', async (fault) => {
    const scene = await createScene();
    const { check, issuer, logLines } = scene;
    const token = await issuer.sign({});
    await check(token);
    issuer.fail(fault);
    for (let hours = 0; hours < 48; hours++) {
      scene.now += 3_600_000;
      expect(await check(token)).toBe(true);
    }
    await expect.poll(() => logLines.join('')).toContain('could not fetch the keys of a token issuer');
    issuer.fail(null);
    await issuer.rotate(1);
    scene.now += 3_600_000;
    await expect.poll(() => check().catch(() => false)).toBe(true);
  });

  it.each(FAULTS)(
    'are missing where the issuer was %s from the start, and are asked for again later',
    async (fault) => {
      const scene = await createScene();
      const { check, issuer } = scene;
      issuer.fail(fault);
      for (let i = 0; i < 5; i++) {
        await expect(check()).rejects.toMatchObject({
          code: 'unavailable',
          message: `the keys of the issuer ${issuer.url} could not be fetched yet`,
        });
      }
      expect(issuer.requests).toHaveLength(1);
      issuer.fail(null);
      scene.now += 30_000;
      expect(await check()).toBe(true);
    },
  );

  it('are not waited for longer than a while', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    onTestFinished(() => timeout.mockRestore());
    const { check, issuer } = await createScene();
    issuer.fail('silent');
    await expect(check()).rejects.toMatchObject({ code: 'unavailable' });
    expect(timeout).toHaveBeenCalledWith(5_000);
  });

  it('are asked for in spite of a clock that was put back', async () => {
    const scene = await createScene();
    await scene.check();
    scene.now -= 86_400_000;
    await scene.issuer.rotate();
    expect(await scene.check()).toBe(true);
  });
});
