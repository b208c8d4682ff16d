import * as z from 'zod';
import { type Problem, problemAt } from './source/problem.js';
import type { ConfigSource } from './source/source.js';

/** The part of a file that checks across files need, whatever else is wrong in it. */
const outlineSchema = z
  .object({
    storage: z.object({ url: z.string().optional().catch(undefined) }).catch({}),
    spaces: z
      .array(
        z
          .object({
            user: z.string().optional().catch(undefined),
            credentials: z.string().optional().catch(undefined),
            url: z.unknown().optional(),
          })
          .catch({}),
      )
      .catch([]),
  })
  .catch({ storage: {}, spaces: [] });

/** The place where a user is first named. */
interface Naming {
  readonly source: ConfigSource;
  readonly line: number;
}

/**
 * Finds problems that involve two places: users named twice and spaces without a URL. `main` has the storage section.
 * Returns the problems of each file.
 */
export function crossCheck(
  main: ConfigSource,
  included: readonly ConfigSource[],
): ReadonlyMap<ConfigSource, Problem[]> {
  const { storage } = outlineSchema.parse(main.document.data);
  const firstOf = new Map<string, Naming>();
  const found = new Map<ConfigSource, Problem[]>();
  for (const source of [main, ...included]) {
    const { document } = source;
    const problems: Problem[] = [];
    const { spaces } = outlineSchema.parse(document.data);
    for (const [index, { user, credentials, url }] of spaces.entries()) {
      const named = user ?? credentials;
      if (named === undefined) continue;
      const path = ['spaces', index, user === undefined ? 'credentials' : 'user'];
      const first = user === undefined ? undefined : firstOf.get(user);
      if (first !== undefined) {
        const place = first.source === source ? `line ${first.line}` : `${first.source.file}:${first.line}`;
        problems.push(problemAt(document, path, `"${user}" must be named once; ${place} also names it`));
      } else if (user !== undefined) firstOf.set(user, { source, line: document.locate(path, 'value').line });
      if (url !== undefined || storage.url?.includes('{user}') === true) continue;
      const line = main.document.locate(['storage', 'url'], 'value').line;
      const why =
        storage.url === undefined
          ? 'there is no storage.url to fall back on'
          : `storage.url (${source === main ? 'line ' : `${main.file}:`}${line}) has no {user} in its path`;
      problems.push(problemAt(document, path, `"${named}" needs a url of its own: ${why}`));
    }
    found.set(source, problems);
  }
  return found;
}
