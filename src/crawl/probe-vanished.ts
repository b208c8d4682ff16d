import type { ResourcePath } from '../domain/path.js';
import type { RemoteStore } from '../domain/ports.js';

/** What has become of known collections that a complete listing of their parent no longer shows. */
export interface Vanished {
  readonly absent: readonly ResourcePath[];
  /** There after all, only not listed. */
  readonly present: readonly ResourcePath[];
  /** Nobody knows, and why. */
  readonly unproven: readonly { readonly collection: ResourcePath; readonly detail: string }[];
  readonly requests: number;
}

/** Asks for each of them itself: a parent that doesn't show it is no proof. What is excluded is gone without a question. */
export async function probeVanished(
  vanished: readonly ResourcePath[],
  deps: {
    readonly store: Pick<RemoteStore, 'probe'>;
    readonly isExcluded: (collection: ResourcePath) => boolean;
    readonly signal: AbortSignal;
  },
): Promise<Vanished> {
  const absent: ResourcePath[] = [];
  const present: ResourcePath[] = [];
  const unproven: { collection: ResourcePath; detail: string }[] = [];
  let requests = 0;
  for (const collection of vanished) {
    if (deps.isExcluded(collection)) {
      absent.push(collection);
      continue;
    }
    const probe = await deps.store.probe(collection, deps.signal);
    requests += probe.requests;
    if (probe.presence === 'absent') absent.push(collection);
    else if (probe.presence === 'present') present.push(collection);
    else unproven.push({ collection, detail: probe.detail });
  }
  return { absent, present, unproven, requests };
}
