import type { Credentials } from '../domain/model/space.js';
import type { ConfigFile } from './schema.js';
import { type AuthEntry, isOfAll } from './sections/credentials.js';
import { type Problem, problemAt } from './source/problem.js';
import type { SecretFile } from './source/secret-file.js';
import type { ConfigSource } from './source/source.js';
import { credentialsOfUser } from './users/credentials-of-user.js';

export type SpaceEntry = ConfigFile['spaces'][number];

/** The credentials of the users that the configuration names. */
export interface NamedCredentials {
  /** Those of entries that name a user; of others there are none here. */
  readonly of: ReadonlyMap<SpaceEntry, Credentials>;
  /** Those that were made from `storage.auth`. */
  readonly inherited: ReadonlySet<Credentials>;
  readonly problems: ReadonlyMap<ConfigSource, readonly Problem[]>;
}

const NO_USER_YET =
  'needs an auth of its own, for finding users: {user} in the auth of their spaces stands for one of them; write a mapping of url and auth here';

/** Fills in what `{user}` leaves open for the users named in these files; a file that can't be read is a problem of its user. */
export async function credentialsOfEntries(
  parts: readonly { readonly source: ConfigSource; readonly spaces: readonly SpaceEntry[] }[],
  storage: AuthEntry,
  readSecret: (file: string) => Promise<SecretFile>,
): Promise<NamedCredentials> {
  const of = new Map<SpaceEntry, Credentials>();
  const inherited = new Set<Credentials>();
  const problems = new Map<ConfigSource, Problem[]>();
  for (const { source, spaces } of parts) {
    const found: Problem[] = [];
    problems.set(source, found);
    for (const [index, entry] of spaces.entries()) {
      const given = entry.auth ?? storage;
      if (entry.discover?.auth === null && !isOfAll(given)) {
        found.push(problemAt(source.document, ['spaces', index, 'discover'], NO_USER_YET));
      }
      if (entry.user === undefined) continue;
      if ('bare' in given) continue; // reported by the schema
      const filled =
        'perUser' in given ? await credentialsOfUser(given.perUser, entry.user, readSecret) : { auth: given };
      if ('auth' in filled) {
        of.set(entry, filled.auth);
        if (entry.auth === undefined) inherited.add(filled.auth);
        continue;
      }
      const where = entry.auth === undefined ? 'storage.auth' : 'auth';
      const file = filled.file === null ? '' : `: ${filled.file}`;
      const message = `"${entry.user}" has no credentials by its ${where}: ${filled.problem}${file}`;
      found.push(problemAt(source.document, ['spaces', index, 'user'], message));
    }
  }
  return { of, inherited, problems };
}
