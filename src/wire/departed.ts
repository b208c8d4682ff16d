import type { DepartedUser, ForgottenUser } from '../domain/model/departed.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** A user whose space is no longer configured, as JSON. */
export interface DepartedUserJson {
  readonly user: string;
  readonly left_on: string;
  readonly images: number;
  readonly collections: number;
  readonly tokens: number;
}

/** What was deleted of a user who is forgotten, as JSON. */
export interface ForgottenUserJson {
  readonly user: string;
  readonly images: number;
  readonly collections: number;
  readonly syncs: number;
  readonly tokens: number;
}

export function departedToJson(departed: DepartedUser, write: TimestampWriter = timestamp): DepartedUserJson {
  const { user, leftAt, images, collections, tokens } = departed;
  return { user, left_on: write(leftAt), images, collections, tokens };
}

export function forgottenToJson({ user, images, collections, syncs, tokens }: ForgottenUser): ForgottenUserJson {
  return { user, images, collections, syncs, tokens };
}
