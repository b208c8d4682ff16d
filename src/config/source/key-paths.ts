import * as z from 'zod';

/** The path of each key that a configuration may have, such as `server.listen` or `spaces[].user`. */
export type KeyPaths = readonly string[];

/** Those of schemas that were asked for them: listing them takes some milliseconds. */
const LISTED = new WeakMap<z.ZodType, KeyPaths>();

/** Lists the key paths that a schema accepts. It is called only to explain a problem. */
export function keyPathsOf(schema: z.ZodType): KeyPaths {
  const listed = LISTED.get(schema) ?? [
    ...new Set(pathsBelow(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '')),
  ];
  LISTED.set(schema, listed);
  return listed;
}

function pathsBelow(node: unknown, path: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { properties, items, anyOf, oneOf, allOf } = node as Readonly<Record<string, unknown>>;
  const forms = [anyOf, oneOf, allOf].flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []));
  const own = Object.entries(Object(properties) as object).flatMap(([key, child]) => {
    const its = path === '' ? key : `${path}.${key}`;
    return [its, ...pathsBelow(child, its)];
  });
  return [...own, ...pathsBelow(items, `${path}[]`), ...forms.flatMap((form) => pathsBelow(form, path))];
}

/** More would not help: then most sections have a key of that name. */
const MOST_SUGGESTED = 3;

/**
 * Suggests where a key belongs that is unknown at `path`, nearest places first: usually a line is indented too little
 * or too much. Empty if no place has such a key, or if this one has it in another form.
 */
export function otherPlaces(path: string, paths: KeyPaths): readonly string[] {
  const key = lastOf(path).toLowerCase();
  const from = levelsOf(path);
  if (paths.includes(path)) return [];
  const found = paths.filter((each) => lastOf(each).toLowerCase() === key);
  const distance = (to: readonly string[]) => {
    const shared = to.findIndex((level, at) => level !== from[at]);
    return to.length + from.length - 2 * (shared === -1 ? to.length : shared);
  };
  const ranked = found.toSorted((a, b) => distance(levelsOf(a)) - distance(levelsOf(b)));
  return ranked.length > MOST_SUGGESTED ? ranked.slice(0, 1) : ranked;
}

function levelsOf(path: string): readonly string[] {
  return path.split('.').slice(0, -1);
}

function lastOf(path: string): string {
  return path.split('.').at(-1) ?? '';
}
