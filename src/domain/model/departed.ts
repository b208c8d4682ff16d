import type { Forgotten } from './audit.js';

/** A user whose space is no longer configured, and of whom the index still knows something. */
export interface DepartedUser {
  readonly user: string;
  /** When the configuration, or the discovery, was first seen without the space; ms since the epoch. */
  readonly leftAt: number;
  /** That were shown at the end. */
  readonly images: number;
  readonly collections: number;
  readonly tokens: number;
}

/** By user; only those who left at `before` or earlier, where that is given. */
export type ListDeparted = (before?: number) => Promise<readonly DepartedUser[]>;

/** Someone who was forgotten, and what was removed. */
export type ForgottenUser = Forgotten & { readonly user: string };
