import type { LinkStore } from '../../../src/domain/ports/link-store.js';
import type { Memory } from './state.js';

export function createMemoryLinks({ links }: Pick<Memory, 'links'>): LinkStore {
  const sorted = () => [...links.values()].sort((a, b) => Buffer.compare(Buffer.from(a.user), Buffer.from(b.user)));
  return {
    put: async (record) => {
      const former = links.get(record.user) ?? null;
      links.set(record.user, record);
      return former;
    },
    find: async (user) => links.get(user) ?? null,
    list: async () => sorted(),
    remove: async (user) => {
      const former = links.get(user) ?? null;
      links.delete(user);
      return former;
    },
    sealedByOthers: async (keyId, after, atMost) =>
      sorted()
        .filter((each) => each.keyId !== keyId && Buffer.compare(Buffer.from(each.user), Buffer.from(after)) > 0)
        .slice(0, atMost),
    reseal: async (changes) => {
      for (const { before, keyId, sealed } of changes) {
        const now = links.get(before.user);
        if (now !== undefined && Buffer.compare(now.sealed, before.sealed) === 0) {
          links.set(before.user, { ...now, keyId, sealed });
        }
      }
    },
  };
}
