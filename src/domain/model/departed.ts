import type { Forgotten } from './audit.js';

/** A user whose space is no longer configured, but of whom the index still knows something. */
export interface DepartedUser {
  readonly user: string;
  /** When the configuration or the discovery was first seen without the space, in ms since the epoch. */
  readonly leftAt: number;
  /** How many images were listed at the end. */
  readonly images: number;
  readonly collections: number;
  readonly tokens: number;
}

/** Lists departed users by name; only those who left at `before` or earlier, if that is given. */
export type ListDeparted = (before?: number) => Promise<readonly DepartedUser[]>;

/** A user who was forgotten, and what was removed. */
export type ForgottenUser = Forgotten & { readonly user: string };
