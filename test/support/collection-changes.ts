import { ROOT } from '../../src/domain/model/path.js';
import type { CollectionChanges } from '../../src/domain/reconcile/reconcile.js';

/** What a listing of the root changes that shows nothing new and misses nothing. */
export const NO_CHANGES: CollectionChanges = {
  collection: ROOT,
  marker: null,
  modifiedAt: null,
  askedAt: null,
  isSettled: false,
  isMount: false,
  collections: [],
  siblings: null,
  appeared: [],
  newImages: 0,
  altered: [],
  disappeared: [],
  doubted: [],
  guarded: [],
  vanished: [],
  rejudged: [],
  settled: [],
  unsettled: new Set(),
  reconfirmed: [],
  backSince: null,
  emptying: null,
  isHeldOn: false,
  isHoldOver: false,
  isDoubtful: false,
  isPartlyLeft: false,
};
