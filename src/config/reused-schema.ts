import type { SchemaSurroundings } from './fields/files.js';

/** A schema, and the surroundings of the file that is parsed by it now. */
interface Bound<Schema> {
  readonly schema: Schema;
  surroundings: SchemaSurroundings;
}

/**
 * Answers a function that lends a schema for the surroundings that it is given, to one borrower at a time. Creating a schema takes
 * longer than parsing most files by it, so it is lent again when its borrower has done, and another one is created only for
 * files that are parsed at the same time. One whose borrower failed is not: some of the work may go on.
 */
export function reused<Schema>(create: (surroundings: SchemaSurroundings) => Schema) {
  const idle: Bound<Schema>[] = [];
  return async <Result>(
    surroundings: SchemaSurroundings,
    use: (schema: Schema) => Promise<Result>,
  ): Promise<Result> => {
    const bound = idle.pop() ?? bind(create, surroundings);
    bound.surroundings = surroundings;
    const result = await use(bound.schema);
    idle.push(bound);
    return result;
  };
}

function bind<Schema>(create: (surroundings: SchemaSurroundings) => Schema, surroundings: SchemaSurroundings) {
  const bound: Bound<Schema> = {
    schema: create({
      resolvePath: (path) => bound.surroundings.resolvePath(path),
      readSecret: (file) => bound.surroundings.readSecret(file),
      readCertificates: (file) => bound.surroundings.readCertificates(file),
      readKey: (file) => bound.surroundings.readKey(file),
      troubleOfFolder: (path) => bound.surroundings.troubleOfFolder(path),
    }),
    surroundings,
  };
  return bound;
}
