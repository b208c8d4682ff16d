import type { Config } from '../../config/schema.js';

/** The sections whose changes a running daemon does not apply. */
const SECTIONS = ['server', 'data', 'roles', 'api', 'auth', 'link', 'log'] as const;
/** What a configuration makes of the section `spaces`. */
const OF_SPACES: ReadonlySet<string> = new Set(['discoveries', 'userFolders', 'publicUsers']);

/**
 * Finds sections that have changed and take effect only at the next start; not those that are back to what they were at
 * the last start.
 */
export function sectionsForRestart(
  started: Config,
  { before, now }: { readonly before: Config; readonly now: Config },
): readonly string[] {
  return sectionsWaiting(started, now).filter((section) => !isSame(before[section], now[section]));
}

/** Finds all sections that are not as they were at the last start, and take effect only at the next. */
export function sectionsWaiting(started: Config, now: Config): readonly (typeof SECTIONS)[number][] {
  return SECTIONS.filter((section) => !isSame(started[section], now[section]));
}

/** Finds the sections of the file in which two configurations differ, in the order of the second. */
export function changedSections(before: Config, now: Config): readonly string[] {
  const keys = Object.keys(now) as (keyof Config)[];
  const changed = keys.filter((key) => !isSame(before[key], now[key]));
  return [...new Set(changed.map((key) => (OF_SPACES.has(key) ? 'spaces' : key)))];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
