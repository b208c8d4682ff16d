import type { SpaceState } from '../../../domain/model/space.js';
import { counted } from '../../../domain/text/counted.js';
import type { SpaceJson } from '../../../wire/space.js';
import type { Tone } from '../../parts/badge.js';
import { TEXTS } from '../../texts/texts.js';

/** How good or bad each state is. */
export const STATE_TONES: Readonly<Record<SpaceState, Tone>> = {
  fresh: 'good',
  pending: 'plain',
  stale: 'waiting',
  failing: 'bad',
  held: 'bad',
  suspended: 'bad',
};

/** The condition of a space in words. */
export interface Condition {
  readonly tone: Tone;
  readonly title: string;
  /** Since when; null if nothing is wrong, or nobody noted it. */
  readonly since: string | null;
  /** What the storage has said. */
  readonly message: string | null;
  /** What ovadex does about it. */
  readonly does: string;
  /** What a person may do about it. */
  readonly may: string;
}

type Told = Pick<
  SpaceJson,
  'state' | 'last_error' | 'last_success_on' | 'held_removals' | 'removals_refused' | 'is_linked'
>;

/** Returns what is wrong with a space, since when, what ovadex does about it, and what a person may do. */
export function conditionOf(space: Told): Condition {
  const { condition } = TEXTS.admin;
  const { state, last_error: error } = space;
  const because = { tone: STATE_TONES[state], since: error?.on ?? null, message: error?.message ?? null };
  switch (state) {
    case 'suspended': {
      const { title, does, may, mayLinked } = condition.suspended;
      return { ...because, title, does, may: space.is_linked ? mayLinked : may };
    }
    case 'held':
      // Its reasons are told by themselves.
      return { ...because, message: null, ...heldCondition(space) };
    case 'failing':
      return { ...because, ...condition.failing };
    case 'stale':
      if (error !== null) return { ...because, ...condition.incomplete };
      return { ...because, ...condition.old, since: space.last_success_on };
    case 'pending':
    case 'fresh':
      return { ...because, ...condition[state] };
  }
}

/** Returns the condition of a space whose removals are held, whatever else is wrong with it. */
export function heldCondition(space: Told): Pick<Condition, 'tone' | 'title' | 'does' | 'may'> {
  const { condition, held } = TEXTS.admin;
  const number = space.held_removals ?? 0;
  const { title, titleOne, does, may } = space.removals_refused ? condition.kept : condition.held;
  return {
    // Once somebody has decided, nobody is needed.
    tone: space.removals_refused ? 'waiting' : 'bad',
    title: `${counted(number, held.image, held.images)} ${number === 1 ? titleOne : title}`,
    does,
    may,
  };
}
