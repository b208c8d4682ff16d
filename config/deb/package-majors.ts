import { isForLaterBinding } from '../../src/platform/sqlite-binding.js';

const EARLIER = ['20', '22'];
const LATER = ['24'];

/**
 * The major versions of Node that one package is for: the one that builds it and those that were asked for, where they
 * want the same version of SQLite's binding. Node 24 wants another, and so has a package of its own. Throws where they don't fit.
 */
export function packageMajors(own: string, asked: readonly string[]): readonly string[] {
  const all = [...EARLIER, ...LATER];
  const unknown = [...asked, own].find((major) => !all.includes(major));
  if (unknown !== undefined)
    throw new Error(`Node "${unknown}" is no major version that SQLite's binding is for; use one of ${all.join(', ')}`);
  const later = asked.filter(isForLaterBinding);
  if (later.length > 0 && later.length === asked.length) return [...new Set(later)];
  if (later.length > 0)
    throw new Error(
      `--node ${asked.join(',')}: Node ${later[0]} has a package of its own, with another version of SQLite's binding`,
    );
  if (isForLaterBinding(own) && asked.length > 0)
    throw new Error(
      `--node ${asked.join(',')}: build this package by Node ${EARLIER.join(' or ')}, not by Node ${own}`,
    );
  return [...new Set([own, ...asked])].sort();
}
