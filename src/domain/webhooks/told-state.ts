import type { Space, SpaceState } from '../model/space.js';
import { stateOf } from '../model/space.js';
import { agreeing, counted } from '../text/counted.js';
import type { WebhookEvent } from './webhook.js';

/** The condition of a space as webhooks are told of it: they don't hear of lists that grow old. */
export type ToldState = 'good' | 'failing' | 'suspended' | 'held';

/** News of a space's condition. */
export interface StateNews {
  readonly type: WebhookEvent;
  readonly told: ToldState;
  readonly state: SpaceState;
  /** What is wrong, or that it is over. */
  readonly message: string;
}

const TYPES: Readonly<Record<ToldState, WebhookEvent>> = {
  good: 'space.recovered',
  failing: 'space.failing',
  suspended: 'space.failing',
  held: 'space.held',
};

/** Returns the condition of a space as webhooks are told. */
export function toldStateOf(space: Space): ToldState {
  const state = stateOf(space, 0, Number.POSITIVE_INFINITY);
  return state === 'failing' || state === 'suspended' || state === 'held' ? state : 'good';
}

/** Returns what to tell of a space whose condition was last told as `before`; null: nothing new. */
export function stateNews(space: Space, before: ToldState): StateNews | null {
  const told = toldStateOf(space);
  if (told === before) return null;
  const state = stateOf(space, 0, Number.POSITIVE_INFINITY);
  return { type: TYPES[told], told, state, message: messageOf(space, told) };
}

function messageOf({ trouble, heldRemovals }: Space, told: ToldState): string {
  if (told === 'good') return 'the space is synced again';
  if (told !== 'held') return trouble?.message ?? 'the last sync failed';
  const count = heldRemovals ?? 0;
  return `the removal of ${counted(count, 'image')} is held until it is confirmed: ${agreeing(count, 'it is', 'they are')} still listed`;
}
