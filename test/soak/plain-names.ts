import type { History } from './history.js';

/** The same history with short names: `a`, `b`, `c`, the endings as they were. */
export function plainNames(history: History): History {
  const given = new Map<string, string>();
  const plain = (name: string): string => {
    const { stem, ending } = split(name);
    const known = given.get(stem);
    if (known !== undefined) return known + ending;
    const short = letters(given.size);
    given.set(stem, short);
    return short + ending;
  };
  const path = (text: string) => (text === '' ? '' : text.split('/').map(plain).join('/'));
  const PATHS = new Set(['path', 'from', 'to', 'target']);
  const LISTS = new Set(['targets', 'collections']);
  const NAMES = new Set(['names', 'forget', 'strays']);
  return JSON.parse(JSON.stringify({ tree: history.tree, steps: history.steps }), (key, value: unknown) => {
    if (typeof value === 'string' && PATHS.has(key)) return path(value);
    if (LISTS.has(key)) return (value as string[]).map(path);
    if (NAMES.has(key)) return (value as string[]).map(plain);
    if (key === 'childStatus') {
      return Object.fromEntries(Object.entries(value as object).map(([name, status]) => [plain(name), status]));
    }
    return key === '' ? { ...history, ...(value as object) } : value;
  }) as History;
}

function split(name: string): { stem: string; ending: string } {
  const ending = /(?:\.(?:ova|ovf|vmdk|txt|part))*$/i.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - ending.length);
  return stem.startsWith('._') ? { stem: stem.slice(2), ending } : { stem, ending };
}

/** a, b, ..., z, aa, ab, ... */
function letters(n: number): string {
  const last = String.fromCharCode(97 + (n % 26));
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last;
}
