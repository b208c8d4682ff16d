import { isForLaterBinding } from '../../src/platform/sqlite-binding.js';

const EARLIER = ['20', '22'];
const LATER = ['24'];

/**
 * Determines the major versions of Node that one package supports: the one that builds it and those requested, if they
 * need the same version of SQLite's binding. Node 24 needs another and so has its own package. Throws if they don't
 * match.
 */
export function packageMajors(own: string, asked: readonly string[]): readonly string[] {
  const all = [...EARLIER, ...LATER];
  const unknown = [...asked, own].find((major) => !all.includes(major));
  if (unknown !== undefined)
    throw new Error(
      `Node "${unknown}" is not a major version that SQLite's binding supports; use one of ${all.join(', ')}`,
    );
  const later = asked.filter(isForLaterBinding);
  if (later.length > 0 && later.length === asked.length) return [...new Set(later)];
  if (later.length > 0)
    throw new Error(
      `--node ${asked.join(',')}: Node ${later[0]} has a package of its own, with another version of SQLite's binding`,
    );
  if (isForLaterBinding(own) && asked.length > 0)
    throw new Error(
      `--node ${asked.join(',')}: build this package with Node ${EARLIER.join(' or ')}, not with Node ${own}`,
    );
  return [...new Set([own, ...asked])].sort();
}
