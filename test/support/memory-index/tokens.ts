import { orderOf } from '../../../src/domain/lists/list-grammar.js';
import { matchesToken, TOKEN_LIST, tokenKeyOf } from '../../../src/domain/lists/token-list.js';
import { hasExpired, type NewToken, type TokenRecord } from '../../../src/domain/model/token.js';
import { MAX_LOG_INS, MAX_OWN_TOKENS, type TokenStore } from '../../../src/domain/ports/token-store.js';
import { naivePage } from '../naive-page.js';
import type { Memory } from './state.js';

export function createMemoryTokens(memory: Memory): TokenStore {
  const tokens = new Map<number, TokenRecord>();
  let lastId = 0;
  const insert = (token: NewToken): TokenRecord => {
    const none = { revokedAt: null, name: null, usedAt: null, disabledAt: null, logInSpace: null };
    const record = { ...none, ...token, id: ++lastId };
    tokens.set(record.id, record);
    return record;
  };
  const change = (id: number, changed: Partial<TokenRecord>) => {
    const token = tokens.get(id);
    if (token === undefined) return null;
    const record = { ...token, ...changed };
    tokens.set(id, record);
    return record;
  };
  const own = (user: string, id: number) => {
    const token = tokens.get(id);
    return token?.user === user && token.revokedAt === null ? token : null;
  };

  return {
    create: async (token) => insert(token),
    createAll: async (all) => {
      const hashes = [...tokens.values(), ...all].map(({ hash }) => hash);
      if (new Set(hashes).size < hashes.length) throw new Error('a hash is there already');
      return all.map(insert);
    },
    recordLogIn: async (token) => {
      const space = memory.spaces.get(token.logInSpace);
      if (space?.user !== token.user || !space.isConfigured) return null;
      const isLogIn = ({ logInSpace }: TokenRecord) => logInSpace !== null;
      for (const each of tokens.values()) {
        if (isLogIn(each) && hasExpired(each, token.createdAt)) tokens.delete(each.id);
      }
      const record = insert(token);
      const kept = [...tokens.values()]
        .filter((each) => isLogIn(each) && each.user === token.user)
        .sort((a, b) => (b.usedAt ?? b.createdAt) - (a.usedAt ?? a.createdAt) || b.id - a.id);
      for (const { id } of kept.slice(MAX_LOG_INS)) tokens.delete(id);
      return record;
    },
    createOwn: async (token) => {
      const own = [...tokens.values()].filter(({ user, logInSpace }) => user === token.user && logInSpace === null);
      const ended = own.filter((each) => each.revokedAt !== null || hasExpired(each, token.createdAt));
      if (own.length - ended.length >= MAX_OWN_TOKENS) return null;
      for (const { id } of ended.sort((a, b) => b.id - a.id).slice(MAX_OWN_TOKENS)) tokens.delete(id);
      return insert(token);
    },
    findByHash: async (hash) => [...tokens.values()].find((token) => token.hash === hash) ?? null,
    list: async ({ logIns } = { logIns: false }) =>
      [...tokens.values()].filter(({ logInSpace }) => logIns || logInSpace === null),
    page: async (user, query, now) => {
      const all = [...tokens.values()].filter(({ id }) => own(user, id) !== null);
      const matching = all.filter((token) => matchesToken(query, token, now));
      const { rows, place } = naivePage(matching, orderOf(TOKEN_LIST, query.sort), tokenKeyOf, query.page);
      return { tokens: rows, place };
    },
    find: async (user, id) => own(user, id),
    setDisabled: async (user, id, at) => {
      const token = own(user, id);
      return token && change(id, { disabledAt: at === null ? null : (token.disabledAt ?? at) });
    },
    end: async (user, id, now) => own(user, id) !== null && change(id, { revokedAt: now }) !== null,
    revoke: async (id, now) => change(id, { revokedAt: tokens.get(id)?.revokedAt ?? now }) !== null,
    noteUses: async (uses) => {
      for (const { id, at } of uses) change(id, { usedAt: Math.max(tokens.get(id)?.usedAt ?? 0, at) });
    },
  };
}
