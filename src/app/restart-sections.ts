import type { Config } from '../config/schema.js';

/** What a running daemon does not take over. */
const SECTIONS = ['server', 'data', 'api', 'auth', 'log'] as const;

/** The sections whose change takes effect at the next start alone, and is new; not one that is back as it was at the last start. */
export function sectionsForRestart(
  started: Config,
  { before, now }: { readonly before: Config; readonly now: Config },
): readonly string[] {
  return SECTIONS.filter((section) => {
    const [first, last, next] = [started, before, now].map((each) => JSON.stringify(each[section]));
    return next !== last && next !== first;
  });
}
