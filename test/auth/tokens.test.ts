import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createTokenAuthority } from '../../src/auth/tokens.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';

function createScene() {
  let now = 1_000;
  const { tokens } = createMemoryIndex();
  const authority = createTokenAuthority({ tokens, clock: () => now });
  return { tokens, authority, at: (time: number) => (now = time) };
}

const GRANT = { user: 'jm', scopes: ['admin'], expiresAt: null } as const;

describe('an access token', () => {
  it('is ovx_ and 32 random bytes in base64url', async () => {
    const { tokens } = createMemoryIndex();
    const randomBytes = vi.fn((size: number) => Buffer.alloc(size, 0xff));
    const { issue } = createTokenAuthority({ tokens, clock: () => 0, randomBytes });
    expect((await issue(GRANT)).token).toBe(`ovx_${'_'.repeat(42)}8`);
    expect(randomBytes).toHaveBeenCalledWith(32);
  });

  it('is stored as its SHA-256 only', async () => {
    const { authority, tokens } = createScene();
    const { token, record } = await authority.issue(GRANT);
    expect(record).toMatchObject({ user: 'jm', scopes: ['admin'], createdAt: 1_000, expiresAt: null, revokedAt: null });
    expect(record.hash).toBe(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(await tokens.list())).not.toContain(token);
  });

  it('says who comes with it', async () => {
    const { authority } = createScene();
    const { token } = await authority.issue(GRANT);
    expect(await authority.verify(token)).toEqual({
      user: 'jm',
      scopes: ['admin'],
      expiresAt: null,
      tokenId: 1,
    });
  });

  it('is refused from the moment of its expiry', async () => {
    const { authority, at } = createScene();
    const { token } = await authority.issue({ ...GRANT, expiresAt: 2_000 });
    at(1_999);
    expect(await authority.verify(token)).not.toBeNull();
    at(2_000);
    expect(await authority.verify(token)).toBeNull();
  });

  it('is refused at once when it is revoked', async () => {
    const { authority, tokens } = createScene();
    const { token, record } = await authority.issue(GRANT);
    expect(await authority.verify(token)).not.toBeNull();
    await tokens.revoke(record.id, 1_000);
    expect(await authority.verify(token)).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['another prefix', `abc_${'a'.repeat(43)}`],
    ['too short', `ovx_${'a'.repeat(42)}`],
    ['too long', `ovx_${'a'.repeat(44)}`],
    ['huge', `ovx_${'a'.repeat(1_000_000)}`],
    ['a line feed behind it', `ovx_${'a'.repeat(43)}\n`],
    ['letters of another alphabet', `ovx_${'ä'.repeat(43)}`],
  ])('is refused without a look into the store when it is no token: %s', async (_, token) => {
    const { tokens } = createMemoryIndex();
    const findByHash = vi.spyOn(tokens, 'findByHash');
    expect(await createTokenAuthority({ tokens, clock: () => 0 }).verify(token)).toBeNull();
    expect(findByHash).not.toHaveBeenCalled();
  });

  it('is refused when nobody issued it', async () => {
    const { authority } = createScene();
    await authority.issue(GRANT);
    expect(await authority.verify(`ovx_${'a'.repeat(43)}`)).toBeNull();
  });
});
