import type { Config } from '../config/schema.js';

/** The sections whose changes a running daemon does not apply. */
const SECTIONS = ['server', 'data', 'api', 'auth', 'link', 'log'] as const;

/**
 * Finds sections that have changed and take effect only at the next start; not those that are back to what they were at
 * the last start.
 */
export function sectionsForRestart(
  started: Config,
  { before, now }: { readonly before: Config; readonly now: Config },
): readonly string[] {
  return SECTIONS.filter((section) => {
    const [first, last, next] = [started, before, now].map((each) => JSON.stringify(each[section]));
    return next !== last && next !== first;
  });
}
