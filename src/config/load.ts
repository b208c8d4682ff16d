import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { OvadexError } from '../domain/model/errors.js';
import { counted } from '../domain/text/counted.js';
import { assemble } from './assemble.js';
import { crossCheck } from './cross-check.js';
import type { SchemaSurroundings } from './fields/files.js';
import { reused } from './reused-schema.js';
import { type Config, createConfigSchema, createIncludeSchema } from './schema.js';
import { findIncluded, includeSchema } from './sections/include.js';
import { expandCredentialsDirectory } from './source/credentials-directory.js';
import { keyPathsOf } from './source/key-paths.js';
import { literalProblems } from './source/literals.js';
import { formatProblems, type Problem, problemAt, problemsOf } from './source/problem.js';
import { type ConfigSource, createFileReader, MAX_CONFIG_BYTES, readSource } from './source/source.js';
import { credentialsOfEntries } from './user-entries.js';
import { warningsOf } from './warnings.js';
import { withUsers } from './with-users.js';

const withConfigSchema = reused(createConfigSchema);
/** There may be a file for each user. */
const withIncludeSchema = reused(createIncludeSchema);

/**
 * Reads and checks a configuration file and the secret files that it names. Throws OvadexError `config`, which lists
 * every problem with its place (`file:line:column`) and what is allowed, and never shows a secret. The users of
 * credential folders are among the spaces.
 */
export async function loadConfig(file: string, options: CheckOptions = {}): Promise<Config> {
  return (await withUsers(await checkConfig(file, options))).config;
}

export interface CheckOptions {
  /** The value of `${CREDENTIALS_DIRECTORY}` at the start of a path. */
  readonly credentialsDirectory?: string | undefined;
}

export interface CheckedConfig {
  readonly config: Config;
  /** Warnings about settings that are allowed but probably unintended. */
  readonly warnings: readonly string[];
  /** The secret, certificate and key files that it names, the files that it includes, and their folders. */
  readonly files: readonly string[];
}

/** Reads and checks a configuration like `loadConfig`; also returns warnings and the files that it depends on. */
export async function checkConfig(file: string, { credentialsDirectory }: CheckOptions = {}): Promise<CheckedConfig> {
  const main = await readSource(file);
  if (main.document.data === undefined && main.document.problems.length > 0) throw refusal([[main, []]]);

  const reader = createFileReader();
  const surroundingsOf = (source: string): SchemaSurroundings => {
    const directory = dirname(resolve(source));
    return {
      resolvePath: (path) => resolve(directory, expandCredentialsDirectory(path, credentialsDirectory)),
      ...reader,
    };
  };
  const parsed = await withConfigSchema(surroundingsOf(file), (schema) => parseSource(main, schema));
  const included = await readIncluded(main, surroundingsOf(file));
  const parts = [];
  for (const source of included.sources) {
    const part = await withIncludeSchema(surroundingsOf(source.file), (schema) => parseSource(source, schema));
    parts.push({ source, parsed: part });
  }
  const crossed = crossCheck(main, included.sources);
  const credentials = await credentialsOfEntries(
    [{ source: main, parsed }, ...parts].map((part) => ({ ...part, spaces: part.parsed.value?.spaces ?? [] })),
    parsed.value?.storage.auth ?? { type: 'none' },
    reader.readSecret,
  );
  const problems = [{ source: main, parsed }, ...parts].map(({ source, parsed: { problems: own } }) => {
    const beside = source === main ? included.problems : [];
    const others = [...beside, ...(crossed.get(source) ?? []), ...(credentials.problems.get(source) ?? [])];
    return [source, [...own, ...others]] as const;
  });
  if (parsed.value === null || problems.some(([source, own]) => own.length + source.document.problems.length > 0)) {
    throw refusal(problems);
  }
  const spaces = [...parsed.value.spaces, ...parts.flatMap((part) => part.parsed.value?.spaces ?? [])];
  const config = assemble({ ...parsed.value, spaces }, credentials.of);
  const warnings = warningsOf({
    config,
    sources: [main, ...included.sources],
    readableFiles: reader.worldReadable(),
    storage: parsed.value.storage,
    inherited: credentials.inherited,
  });
  return { config, warnings, files: [...reader.files(), ...included.watched] };
}

/** Parses a file. Returns its content, or null, and the problems found by the schema. */
async function parseSource<Output>({ document }: ConfigSource, schema: z.ZodType<Output>) {
  if (document.data === undefined && document.problems.length > 0) return { value: null, problems: [] };
  const literals = literalProblems(document.data);
  const told = new Set(literals.map(({ path }) => JSON.stringify(path)));
  const parsed = await schema.safeParseAsync(document.data);
  const issues = parsed.success ? [] : parsed.error.issues.filter(({ path }) => !told.has(JSON.stringify(path)));
  const problems = [
    ...literals.map(({ path, message }) => problemAt(document, path, message)),
    ...problemsOf(issues, document, () => keyPathsOf(schema)),
  ];
  return { value: parsed.success ? parsed.data : null, problems };
}

/** Reads the included files; `watched` are these files and the folders in which more may appear. */
async function readIncluded(main: ConfigSource, { resolvePath }: SchemaSurroundings) {
  const outline = z.object({ include: includeSchema().catch([]) }).catch({ include: [] });
  const { include } = outline.parse(main.document.data);
  const sources = new Map<string, ConfigSource>();
  const folders = new Set<string>();
  const problems: Problem[] = [];
  let sizeBytes = main.sizeBytes;
  for (const pattern of include) {
    const found = await findIncluded(pattern, main.file, resolvePath);
    for (const folder of found.folders) folders.add(folder);
    const complain = (message: string) =>
      problems.push(problemAt(main.document, ['include'], `${pattern}: ${message}`));
    if (found.problem !== null) complain(found.problem);
    for (const file of found.files) {
      if (sources.has(file)) continue;
      try {
        const source = await readSource(file, MAX_CONFIG_BYTES - sizeBytes);
        sizeBytes += source.sizeBytes;
        sources.set(file, source);
      } catch (error) {
        if (!(error instanceof OvadexError)) throw error;
        complain(error.message);
      }
    }
  }
  const inOrder = [...sources.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  return { sources: inOrder, problems, watched: [...sources.keys(), ...folders] };
}

function refusal(all: readonly (readonly [ConfigSource, readonly Problem[]])[]): OvadexError {
  const files = all.map(([{ file, document }, own]) => ({ file, problems: [...document.problems, ...own] }));
  const sum = files.reduce((count, { problems }) => count + problems.length, 0);
  return new OvadexError('config', `the configuration has ${counted(sum, 'problem')}:\n${formatProblems(files)}`);
}
