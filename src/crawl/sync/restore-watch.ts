import { isAnotherFingerprint, isFingerprintOld } from '../../domain/model/markers.js';
import { ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ClaimedSync } from '../../domain/ports/sync-log.js';

/** Notices that a storage was restored from a backup, before a sync removes what such a storage lacks. */
export interface RestoreWatch {
  /** The storage, with the fingerprints of its root noticed. */
  readonly store: RemoteStore;
  /**
   * Whether it was restored since it was last in order; to be asked once everything is listed that is to be removed. The
   * root is asked if this run has not yet seen it, as a hint lists other collections and a resumed sync may have passed
   * it, or has seen it so long before its last listing that a backup may have been restored in between. `requests` is
   * what that took.
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
  let readAt: number | null = null;
  let listedAt: number | null = null;
  const note = (fingerprint: string | null | undefined, askedAt: number | null | undefined) => {
    if (fingerprint === null || fingerprint === undefined) return;
    seen = fingerprint;
    readAt = askedAt ?? null;
  };
  return {
    store: {
      async list(collection, signal) {
        const listing = await store.list(collection, signal);
        const { askedAt } = listing;
        if (askedAt !== null && (listedAt === null || askedAt > listedAt)) listedAt = askedAt;
        if (collection === ROOT) note(listing.fingerprint, askedAt);
        return listing;
      },
      async probe(collection, signal) {
        const probe = await store.probe(collection, signal);
        if (collection === ROOT) note(probe.fingerprint, probe.askedAt);
        return probe;
      },
      search: (signal, isFirst) => store.search(signal, isFirst),
      close: () => store.close(),
    },
    async look(signal) {
      let requests = 0;
      const isUnknown = seen === null || isFingerprintOld(readAt, listedAt);
      if (isUnknown && claimed.fingerprint !== null && !claimed.isRestored) {
        const probe = await store.probe(ROOT, signal);
        note(probe.fingerprint, probe.askedAt);
        requests = probe.requests;
      }
      return { isRestored: claimed.isRestored || isAnotherFingerprint(claimed.fingerprint, seen), requests };
    },
    seen: () => seen,
  };
}
