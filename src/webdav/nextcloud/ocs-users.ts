import type { RangeSource } from '../../domain/description/reading.js';
import { failedListing, type Listing, type ListingFailure, type Probe } from '../../domain/model/listing.js';
import { nameOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { ReadableStore } from '../../domain/ports/remote-store.js';
import { quote } from '../../domain/text/quote.js';
import { isUserName } from '../../domain/text/user-name.js';
import { createGroupMembers } from './group-members.js';
import { type AskUsers, type UserList, usersIn } from './user-list.js';

/** Users a page: Nextcloud asks each of its user back ends for as many. */
const PER_PAGE = 500;
/** More than any known installation has; a list without an end stops here. */
const MAX_USERS = 200_000;

/**
 * Shows the users of a Nextcloud as if they were the folders of a collection: listed by its provisioning API, page by
 * page, and each probed by a search for the name. The account must be an administrator's. With groups, only their
 * members are users.
 */
export function createOcsUsers(ask: AskUsers, groups: readonly string[] | null): ReadableStore {
  const members = groups === null ? null : createGroupMembers(ask, groups);
  return {
    async list(_collection, signal) {
      const listed = await (members?.list(signal) ?? listAll(ask, signal));
      if ('failure' in listed) return failedListing(ROOT, listed.failure, listed.detail, listed.requests);
      return listingOf([...listed.users], listed.requests);
    },
    probe: async (collection, signal) =>
      await (members?.probe(nameOf(collection), signal) ?? probeBySearch(ask, nameOf(collection), signal)),
    search: () => Promise.resolve(null),
    read: () => NO_FILE,
    download: () => NO_FILE,
    async close() {
      // Connections belong to the host.
    },
  };
}

const NO_FILE: RangeSource = {
  read: () => Promise.resolve({ kind: 'failed', failure: 'rejected', detail: 'a list of users has no files' }),
  cost: () => ({ requests: 0, bytes: 0 }),
  close: () => Promise.resolve(),
};

/** Lists all users, in the order of their pages; nothing of it counts unless the last page was had. */
async function listAll(ask: AskUsers, signal: AbortSignal): Promise<UserList> {
  const users = new Set<string>();
  for (let offset = 0, requests = 1; ; offset += PER_PAGE, requests++) {
    const answer = await ask(`cloud/users?format=json&limit=${PER_PAGE}&offset=${offset}`, signal);
    const failed = (failure: ListingFailure, detail: string): UserList => ({
      failure,
      detail: `the list of users at ${answer.url}: ${detail}`,
      requests,
    });
    if ('failure' in answer) return failed(answer.failure, answer.detail);
    const page = usersIn(answer.data);
    if (page === null) return failed('malformed', 'answered JSON without a list of users');
    const before = users.size;
    for (const user of page) users.add(user);
    if (users.size > MAX_USERS) return failed('too-large', `has more than the ${MAX_USERS} users that are allowed`);
    // Each back end gives as many as a page has, so a short one is the last; one without news would never end.
    if (page.length < PER_PAGE || users.size === before) return { users, requests };
  }
}

async function probeBySearch(ask: AskUsers, user: string, signal: AbortSignal): Promise<Probe> {
  const answer = await ask(
    `cloud/users?format=json&search=${encodeURIComponent(user)}&limit=${PER_PAGE}&offset=0`,
    signal,
  );
  const seen = { marker: null, isSettled: false, mayPropagate: false, requests: 1 };
  if ('failure' in answer) return { presence: 'unknown', failure: answer.failure, detail: answer.detail, ...seen };
  const found = usersIn(answer.data);
  if (found?.includes(user) === true) return { presence: 'present', failure: null, detail: answer.detail, ...seen };
  const isWhole = found !== null && found.length < PER_PAGE;
  const detail = isWhole ? 'no user of that name is found' : 'the search was cut off';
  return { presence: isWhole ? 'absent' : 'unknown', failure: isWhole ? 'not-found' : 'paged', detail, ...seen };
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
