import type { ListingFailure } from '../../domain/model/listing.js';
import type { OcsAnswer } from './ask-ocs.js';

/** The users of a Nextcloud as far as they could be had, and the number of requests that took. */
export type UserList = { readonly requests: number } & (
  | { readonly users: ReadonlySet<string> }
  | { readonly failure: ListingFailure; readonly detail: string }
);

/** Asks a question of the provisioning API; see `askOcs`. */
export type AskUsers = (path: string, signal: AbortSignal) => Promise<OcsAnswer>;

/** Reads the names out of an answer; null if it has no list of them. */
export function usersIn(data: unknown): readonly string[] | null {
  const { users } = Object(data) as { users?: unknown };
  return Array.isArray(users) && users.every((user) => typeof user === 'string') ? (users as string[]) : null;
}
