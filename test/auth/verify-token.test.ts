import { describe, expect, it, vi } from 'vitest';
import { createTokenVerifier } from '../../src/auth/verify-token.js';

function createScene() {
  const opaque = vi.fn(async (_token: string) => ({ user: 'opaque', scopes: [], expiresAt: null }));
  const session = vi.fn(async (_token: string) => ({ user: 'session', scopes: [], expiresAt: null }));
  return { opaque, session, verify: createTokenVerifier({ opaque, session }) };
}

describe('a token', () => {
  it.each([
    ['ovx_abc', 'opaque'],
    ['a.b.c', 'session'],
    ['a.b', 'opaque'],
    ['a.b.c.d', 'opaque'],
    ['a..c', 'opaque'],
    ['a.b.', 'opaque'],
    ['a.b.c\n', 'opaque'],
    ['ä.b.c', 'opaque'],
  ])('%j is for the %s ones', async (token, kind) => {
    expect(await createScene().verify(token)).toMatchObject({ user: kind });
  });

  it('is not looked at when it is huge', async () => {
    const { opaque, session, verify } = createScene();
    for (const token of ['a'.repeat(8_193), `a.${'b'.repeat(8_190)}.c`]) expect(await verify(token)).toBeNull();
    expect(opaque).not.toHaveBeenCalled();
    expect(session).not.toHaveBeenCalled();
    expect(await verify(`a.${'b'.repeat(8_188)}.c`)).not.toBeNull();
  });
});
