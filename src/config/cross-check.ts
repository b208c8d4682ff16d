import { z } from 'zod';
import { type Problem, problemAt } from './source/problem.js';
import type { ConfigSource } from './source/source.js';

/** As much of a file as the checks across all need, whatever else is wrong. */
const outlineSchema = z
  .object({
    storage: z.object({ url: z.string().optional().catch(undefined) }).catch({}),
    spaces: z
      .array(z.object({ user: z.string().optional().catch(undefined), url: z.unknown().optional() }).catch({}))
      .catch([]),
  })
  .catch({ storage: {}, spaces: [] });

/** Where a user is named first. */
interface Naming {
  readonly source: ConfigSource;
  readonly line: number;
}

/**
 * What takes two places to judge: users named twice, spaces that no URL leads to. `main` has the storage section;
 * answers the problems of each file.
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
    for (const [index, { user, url }] of spaces.entries()) {
      if (user === undefined) continue;
      const path = ['spaces', index, 'user'];
      const first = firstOf.get(user);
      if (first === undefined) firstOf.set(user, { source, line: document.locate(path, 'value').line });
      else {
        const place = first.source === source ? `line ${first.line}` : `${first.source.file}:${first.line}`;
        problems.push(problemAt(document, path, `"${user}" must be named once; ${place} also names it`));
      }
      if (url !== undefined || storage.url?.includes('{user}') === true) continue;
      const line = main.document.locate(['storage', 'url'], 'value').line;
      const why =
        storage.url === undefined
          ? 'there is no storage.url to take instead'
          : `storage.url (${source === main ? 'line ' : `${main.file}:`}${line}) has no {user} in its path`;
      problems.push(problemAt(document, path, `"${user}" needs a url of its own: ${why}`));
    }
    found.set(source, problems);
  }
  return found;
}
