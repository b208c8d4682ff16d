import { isAnotherFingerprint } from '../../domain/model/markers.js';
import { ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';

/** Notices that a storage was restored from a backup, before a sync removes what such a storage lacks. */
export interface RestoreWatch {
  /** The storage, with the fingerprints of its root noticed. */
  readonly store: RemoteStore;
  /**
   * Whether it was restored since it was last in order. The root is asked if this run has not yet seen it: a hint lists
   * other collections, and a resumed sync may have passed it. `requests` is what that took.
   */
  look(signal: AbortSignal): Promise<{ readonly isRestored: boolean; readonly requests: number }>;
  /** Returns the fingerprint that was seen; null if none was. */
  seen(): string | null;
}

export function createRestoreWatch(
  store: RemoteStore,
  claimed: Pick<ClaimedSync, 'fingerprint' | 'isRestored'>,
): RestoreWatch {
  let seen: string | null = null;
  return {
    store: {
      async list(collection, signal) {
        const listing = await store.list(collection, signal);
        if (collection === ROOT) seen = listing.fingerprint ?? seen;
        return listing;
      },
      async probe(collection, signal) {
        const probe = await store.probe(collection, signal);
        if (collection === ROOT) seen = probe.fingerprint ?? seen;
        return probe;
      },
      search: (signal, isFirst) => store.search(signal, isFirst),
      close: () => store.close(),
    },
    async look(signal) {
      let requests = 0;
      if (seen === null && claimed.fingerprint !== null && !claimed.isRestored) {
        const probe = await store.probe(ROOT, signal);
        seen = probe.fingerprint ?? null;
        requests = probe.requests;
      }
      return { isRestored: claimed.isRestored || isAnotherFingerprint(claimed.fingerprint, seen), requests };
    },
    seen: () => seen,
  };
}
