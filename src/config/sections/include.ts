import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import { matchesGlob, parseGlob } from '../../domain/text/glob.js';
import { text } from '../fields/fields.js';
import { FILE_REASONS } from '../source/secret-file.js';

/** A file for each user of a large organisation. */
const MAX_INCLUDED_FILES = 20_000;

const FORM =
  'must be the path of YAML files, with * only in the file name, such as spaces.d/*.yaml, or a list of such paths';

/** Files with further spaces. */
export function includeSchema() {
  const pattern = text('the path of YAML files').refine((value) => readPattern(value) !== null, { error: FORM });
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : (value ?? [])),
    z.array(pattern, { error: FORM }),
  );
}

/** The files that an `include` currently matches. */
export interface Included {
  /** Absolute paths in alphabetical order, without duplicates. */
  readonly files: readonly string[];
  /** The folders that were searched, in which more files may appear. */
  readonly folders: readonly string[];
  readonly problem: string | null;
}

/** Finds the files that match the patterns, relative to the configuration's folder. */
export async function findIncluded(
  pattern: string,
  main: string,
  resolvePath: (path: string) => string,
): Promise<Included> {
  const read = readPattern(pattern);
  if (read === null) return { files: [], folders: [], problem: null }; // reported by the schema
  const folder = resolvePath(read.folder);
  const named = await namesIn(folder);
  if ('problem' in named) return { files: [], folders: [folder], problem: named.problem };
  const names = named.names.filter(read.isMeant).sort();
  if (names.length === 0 && !read.hasWildcard) {
    return { files: [], folders: [folder], problem: `there is no such file: ${resolve(folder, read.name)}` };
  }
  if (names.length > MAX_INCLUDED_FILES) {
    return {
      files: [],
      folders: [folder],
      problem: `matches ${names.length} files; at most ${MAX_INCLUDED_FILES} are allowed`,
    };
  }
  const files = names.map((name) => resolve(folder, name));
  const own = await realpath(main).catch(() => resolve(main));
  const isItself = files.some((file) => file === own || file === resolve(main));
  const problem = isItself
    ? 'the configuration would include itself; keep the included files in a folder of their own'
    : null;
  return { files: isItself ? [] : files, folders: [folder], problem };
}

async function namesIn(folder: string): Promise<{ readonly names: readonly string[] } | { readonly problem: string }> {
  try {
    return { names: await readdir(folder) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const reason =
      error.code === 'ENOENT' ? 'there is no such folder' : (FILE_REASONS[String(error.code)] ?? error.code);
    return { problem: `${reason}: ${folder}` };
  }
}

interface Pattern {
  readonly folder: string;
  readonly name: string;
  readonly hasWildcard: boolean;
  isMeant(name: string): boolean;
}

const WILDCARD = /[*?[\]{}\\]/;

/** Parses a pattern; null if it is invalid. Hidden files never match: editors and mounted secrets use them internally. */
function readPattern(pattern: string): Pattern | null {
  const [folder, name] = [dirname(pattern), basename(pattern)];
  const glob = parseGlob(name);
  if (WILDCARD.test(folder.replace(/^\$\{CREDENTIALS_DIRECTORY\}/, '')) || !/\.ya?ml$/.test(name)) return null;
  if (typeof glob === 'string' || pattern.endsWith('/')) return null;
  const isHidden = (each: string) => each.startsWith('.') && !name.startsWith('.');
  return {
    folder,
    name,
    hasWildcard: WILDCARD.test(name),
    isMeant: (each) => !isHidden(each) && matchesGlob(glob, [each]),
  };
}
