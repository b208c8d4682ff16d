import type { ListingFailure, Probe } from '../../domain/model/listing.js';
import { quote } from '../../domain/text/quote.js';
import { type AskUsers, type UserList, usersIn } from './user-list.js';

/** The members of some groups, who are the users of a discovery. */
export interface GroupMembers {
  list(signal: AbortSignal): Promise<UserList>;
  /** Looks once more whether somebody is a member. */
  probe(user: string, signal: AbortSignal): Promise<Probe>;
}

/**
 * Asks for the members of groups: Nextcloud gives all of a group at once, to administrators and to those of the group.
 * If one group can't be had, nobody is told.
 */
export function createGroupMembers(ask: AskUsers, groups: readonly string[]): GroupMembers {
  const list = async (signal: AbortSignal): Promise<UserList> => {
    const users = new Set<string>();
    for (const [at, group] of groups.entries()) {
      const requests = at + 1;
      const answer = await ask(`cloud/groups/${encodeURIComponent(group)}/users?format=json`, signal);
      const failed = (failure: ListingFailure, detail: string): UserList => ({
        failure,
        detail: `the members of the group ${quote(group)} at ${answer.url}: ${detail}`,
        requests,
      });
      if ('failure' in answer) return failed(answer.failure, answer.detail);
      const members = usersIn(answer.data);
      if (members === null) return failed('malformed', 'answered JSON without a list of users');
      for (const member of members) users.add(member);
    }
    return { users, requests: groups.length };
  };
  /** One second opinion serves all who are missing. */
  let again: Promise<UserList> | undefined;
  return {
    list,
    async probe(user, signal) {
      again ??= list(signal);
      const listed = await again;
      const seen = { marker: null, isSettled: false, mayPropagate: false, requests: listed.requests };
      if ('failure' in listed) return { presence: 'unknown', failure: listed.failure, detail: listed.detail, ...seen };
      if (listed.users.has(user)) return { presence: 'present', failure: null, detail: 'is a member', ...seen };
      return { presence: 'absent', failure: 'not-found', detail: 'is a member of none of these groups', ...seen };
    },
  };
}
