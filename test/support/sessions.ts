import { createSecretKey, type KeyObject } from 'node:crypto';
import { createSessionTokens, type SessionDeps } from '../../src/auth/session-tokens.js';
import type { Clock } from '../../src/domain/ports/clock.js';
import { createMemoryIndex, type IndexPorts } from './memory-index/memory-index.js';
import { quietLogger } from './quiet-logger.js';

export const SESSION_KEY = createSecretKey(Buffer.alloc(32, 7));

/** Tokens of log-ins over an index in memory. */
export function createTestSessions(
  clock: Clock,
  index: Pick<IndexPorts, 'catalogue' | 'tokens'> = createMemoryIndex(clock),
  { key = SESSION_KEY, ...overrides }: Partial<SessionDeps> & { readonly key?: KeyObject } = {},
) {
  return createSessionTokens({
    signingKey: { key, id: 'key-1' },
    clock,
    logger: quietLogger,
    spaceOf: async (user) => (await index.catalogue.space(user))?.id ?? null,
    record: index.tokens.recordLogIn,
    findByHash: index.tokens.findByHash,
    ...overrides,
  });
}
