import type { TokenStore } from '../../src/domain/ports.js';
import type { TokenRecord } from '../../src/domain/token.js';

export function createMemoryTokens(): TokenStore {
  const tokens = new Map<number, TokenRecord>();
  return {
    create: async (token) => {
      const record: TokenRecord = { ...token, id: tokens.size + 1, revokedAt: null };
      tokens.set(record.id, record);
      return record;
    },
    findByHash: async (hash) => [...tokens.values()].find((token) => token.hash === hash) ?? null,
    list: async () => [...tokens.values()],
    revoke: async (id, now) => {
      const token = tokens.get(id);
      if (token === undefined) return false;
      tokens.set(id, { ...token, revokedAt: token.revokedAt ?? now });
      return true;
    },
  };
}
