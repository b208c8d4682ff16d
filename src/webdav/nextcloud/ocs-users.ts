import { failedListing, type Listing, type ListingFailure, type Probe } from '../../domain/model/listing.js';
import { nameOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { quote } from '../../domain/text/quote.js';
import { isUserName } from '../../domain/text/user-name.js';
import type { OcsAnswer } from './ask-ocs.js';

/** Users a page: Nextcloud asks each of its user back ends for as many. */
const PER_PAGE = 500;
/** More than any known installation has; a list without an end stops here. */
const MAX_USERS = 200_000;

/**
 * Shows the users of a Nextcloud as if they were the folders of a collection: listed by its provisioning API, page by
 * page, and each probed by a search for the name. The account must be an administrator's.
 */
export function createOcsUsers(ask: (path: string, signal: AbortSignal) => Promise<OcsAnswer>): RemoteStore {
  return {
    async list(_collection, signal) {
      const users = new Set<string>();
      for (let offset = 0, requests = 1; ; offset += PER_PAGE, requests++) {
        const answer = await ask(`cloud/users?format=json&limit=${PER_PAGE}&offset=${offset}`, signal);
        const failed = (failure: ListingFailure, detail: string) =>
          failedListing(ROOT, failure, `the list of users at ${answer.url}: ${detail}`, requests);
        if ('failure' in answer) return failed(answer.failure, answer.detail);
        const page = usersIn(answer.data);
        if (page === null) return failed('malformed', 'answered JSON without a list of users');
        const before = users.size;
        for (const user of page) users.add(user);
        if (users.size > MAX_USERS) return failed('too-large', `has more than the ${MAX_USERS} users that are allowed`);
        // Each back end gives as many as a page has, so a short one is the last; one without news would never end.
        if (page.length < PER_PAGE || users.size === before) return listingOf([...users], requests);
      }
    },
    async probe(collection, signal): Promise<Probe> {
      const user = nameOf(collection);
      const search = encodeURIComponent(user);
      const answer = await ask(`cloud/users?format=json&search=${search}&limit=${PER_PAGE}&offset=0`, signal);
      const seen = { marker: null, isSettled: false, mayPropagate: false, requests: 1 };
      if ('failure' in answer) return { presence: 'unknown', failure: answer.failure, detail: answer.detail, ...seen };
      const found = usersIn(answer.data);
      if (found?.includes(user) === true) return { presence: 'present', failure: null, detail: answer.detail, ...seen };
      const isWhole = found !== null && found.length < PER_PAGE;
      const detail = isWhole ? 'no user of that name is found' : 'the search was cut off';
      return { presence: isWhole ? 'absent' : 'unknown', failure: isWhole ? 'not-found' : 'paged', detail, ...seen };
    },
    search: () => Promise.resolve(null),
    async close() {
      // Connections belong to the host.
    },
  };
}

function usersIn(data: unknown): readonly string[] | null {
  const { users } = Object(data) as { users?: unknown };
  return Array.isArray(users) && users.every((user) => typeof user === 'string') ? (users as string[]) : null;
}

function listingOf(users: readonly string[], requests: number): Listing {
  const usable = users.filter(isUserName);
  const misfits = users
    .filter((user) => !isUserName(user))
    .map((user) => `the user ${quote(user)} is left out: such a name can't be part of a URL`);
  return {
    ...failedListing(ROOT, 'status', '', requests),
    verdict: { complete: true },
    collections: usable.map((user) => ({ path: user as ResourcePath, marker: null, isMount: false })),
    misfits,
    memberCount: users.length,
  };
}
