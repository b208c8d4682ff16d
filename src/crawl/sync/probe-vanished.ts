import type { Probe } from '../../domain/model/listing.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import type { ReconcilingSync, VanishedChild } from '../../domain/reconcile/reconcile.js';
import { fateOf, type VanishedCollection } from '../../domain/reconcile/vanished.js';

/** The fate of known collections that a complete listing of their parent no longer shows. */
export interface Vanished {
  readonly absent: readonly ResourcePath[];
  /** Collections listed in another spelling. */
  readonly renamed: readonly { readonly from: ResourcePath; readonly to: ResourcePath }[];
  /** Collections that exist after all, but are not listed. */
  readonly present: readonly ResourcePath[];
  /** Collections whose absence is not proven, and why. */
  readonly unproven: readonly Unanswered[];
  /** Collections about which the storage could not answer, and why. */
  readonly unknown: readonly Unanswered[];
  readonly requests: number;
}

export interface Unanswered {
  readonly collection: ResourcePath;
  readonly detail: string;
}

/**
 * Asks for each collection itself: that a parent doesn't show it is no proof. What is excluded is gone without a
 * request.
 */
export async function probeVanished(
  vanished: readonly VanishedChild[],
  deps: {
    readonly store: Pick<RemoteStore, 'probe'>;
    readonly sync: Pick<ReconcilingSync, 'id' | 'isFull' | 'isAccepted' | 'isExcluded'>;
    /** Whether a collection has said in this sync that it is gone. */
    readonly hasSaidGone: (collection: ResourcePath) => boolean;
    readonly signal: AbortSignal;
  },
): Promise<Vanished> {
  const { store, sync, hasSaidGone, signal } = deps;
  const absent: ResourcePath[] = [];
  const renamed: { from: ResourcePath; to: ResourcePath }[] = [];
  const present: ResourcePath[] = [];
  const unproven: Unanswered[] = [];
  const unknown: Unanswered[] = [];
  let requests = 0;

  const ask = async (collection: ResourcePath): Promise<Probe> => {
    const probe = await store.probe(collection, signal);
    requests += probe.requests;
    return probe;
  };
  /** Tells whether one folder answers to both spellings: it then shows the same marker under both. */
  const respellingOf = async (
    respelled: VanishedChild['respelled'],
    { presence, marker }: Probe,
  ): Promise<VanishedCollection['respelled']> => {
    if (respelled === null || presence === 'absent') return null;
    if (!respelled.isKnown) return 'new';
    if (presence !== 'present' || marker === null) return null;
    return (await ask(respelled.path)).marker === marker ? 'alike' : null;
  };

  for (const { child, respelled } of vanished) {
    const { path: collection, absentInFull } = child;
    if (sync.isExcluded(collection)) {
      absent.push(collection);
      continue;
    }
    const probe = await ask(collection);
    const fate = fateOf({
      presence: probe.presence,
      failure: probe.failure,
      respelled: await respellingOf(respelled, probe),
      isSecondFullLook: sync.isFull && absentInFull !== null && absentInFull !== sync.id,
      hasSaidGone: hasSaidGone(collection),
      isAccepted: sync.isAccepted && child.absentInSync !== null,
    });
    if (fate === 'absent') absent.push(collection);
    else if (fate === 'renamed' && respelled !== null) renamed.push({ from: collection, to: respelled.path });
    else if (fate === 'present') present.push(collection);
    else (fate === 'unproven' ? unproven : unknown).push({ collection, detail: probe.detail });
  }
  return { absent, renamed, present, unproven, unknown, requests };
}
