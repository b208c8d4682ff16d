import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { counted } from '../domain/counted.js';
import { OvadexError } from '../domain/errors.js';
import type { Credentials, DiscoverySettings, SpaceSettings } from '../domain/space.js';
import { type ConnectionEntry, connectionOf } from './connection.js';
import { expandCredentialsDirectory } from './credentials-directory.js';
import { type ConfigDocument, parseConfigDocument } from './document.js';
import { type PemFile, readPemFile } from './pem.js';
import { formatProblems, type Problem, problemAt, problemsOf } from './problem.js';
import { type Config, type ConfigFile, createConfigSchema } from './schema.js';
import { readSecretFile, type SecretFile } from './secret-file.js';
import { withSocketRights } from './socket-rights.js';
import { maintenanceOf } from './upkeep.js';
import { warningsOf } from './warnings.js';

/** Twenty thousand spaces with a URL and credentials each. */
const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

/**
 * Reads and checks a configuration file and the secret files that it names.
 * Throws OvadexError `config` that lists every problem with its place,
 * `file:line:column`, and what is allowed, and never shows a secret.
 */
export async function loadConfig(file: string, options: CheckOptions = {}): Promise<Config> {
  return (await checkConfig(file, options)).config;
}

export interface CheckOptions {
  /** What `${CREDENTIALS_DIRECTORY}` stands for where a path begins with it. */
  readonly credentialsDirectory?: string | undefined;
}

export interface CheckedConfig {
  readonly config: Config;
  /** What is allowed but hardly meant. */
  readonly warnings: readonly string[];
  /** The files of secrets, certificates and keys that it names. */
  readonly files: readonly string[];
}

/** As `loadConfig`, with what else there is to say. */
export async function checkConfig(file: string, { credentialsDirectory }: CheckOptions = {}): Promise<CheckedConfig> {
  const { content, isWorldReadable } = await readConfigFile(file);
  const document = parseConfigDocument(content);
  if (document.problems.length > 0) throw refusal(file, document.problems);

  const directory = dirname(resolve(file));
  const reader = createFileReader();
  const resolvePath = (path: string) => resolve(directory, expandCredentialsDirectory(path, credentialsDirectory));
  const schema = createConfigSchema({ resolvePath, ...reader });
  const parsed = await schema.safeParseAsync(document.data);
  const problems = [...(parsed.success ? [] : problemsOf(parsed.error.issues, document)), ...crossCheck(document)];
  if (!parsed.success || problems.length > 0) throw refusal(file, problems);

  const config = assemble(parsed.data);
  const warnings = warningsOf({
    config,
    file,
    isWorldReadable,
    readableFiles: reader.worldReadable(),
    data: document.data,
    storage: parsed.data.storage,
  });
  return { config, warnings, files: reader.files() };
}

async function readConfigFile(file: string): Promise<{ content: string; isWorldReadable: boolean }> {
  try {
    const { size, mode } = await stat(file);
    if (size > MAX_CONFIG_BYTES) {
      throw new OvadexError('config', `${file}: is ${size} bytes long; at most ${MAX_CONFIG_BYTES} are allowed`);
    }
    return { content: await readFile(file, 'utf8'), isWorldReadable: (mode & 0o004) !== 0 };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error instanceof OvadexError) throw error;
    throw new OvadexError('config', `${file}: the configuration can't be read: ${error.message}`, { cause: error });
  }
}

/**
 * Each file is read once, one after the other: thousands of spaces may share a few. What is secret (all but
 * certificates) is noted where everybody may read it.
 */
function createFileReader() {
  const files = new Set<string>();
  const worldReadable = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const once = <Answer extends SecretFile | PemFile>(read: (file: string) => Promise<Answer>, isSecret: boolean) => {
    const answers = new Map<string, Promise<Answer>>();
    const readNext = async (file: string, before: Promise<unknown>): Promise<Answer> => {
      await before;
      const answer = await read(file);
      if (isSecret && 'isWorldReadable' in answer && answer.isWorldReadable) worldReadable.add(file);
      return answer;
    };
    return (file: string): Promise<Answer> => {
      const answer = answers.get(file) ?? readNext(file, last);
      answers.set(file, answer);
      files.add(file);
      last = answer;
      return answer;
    };
  };
  return {
    readSecret: once(readSecretFile, true),
    readCertificates: once(readPemFile, false),
    readKey: once(readPemFile, true),
    files: (): readonly string[] => [...files],
    worldReadable: (): readonly string[] => [...worldReadable],
  };
}

/** As much of the file as the checks across it need, whatever else is wrong. */
const outlineSchema = z
  .object({
    storage: z.object({ url: z.string().optional().catch(undefined) }).catch({}),
    spaces: z
      .array(z.object({ user: z.string().optional().catch(undefined), url: z.unknown().optional() }).catch({}))
      .catch([]),
  })
  .catch({ storage: {}, spaces: [] });

/** What takes two places to judge: users named twice, spaces that no URL leads to. */
function crossCheck(document: ConfigDocument): Problem[] {
  const { storage, spaces } = outlineSchema.parse(document.data);
  const problems: Problem[] = [];
  const firstOf = new Map<string, number>();
  for (const [index, { user, url }] of spaces.entries()) {
    if (user === undefined) continue;
    const path = ['spaces', index, 'user'];
    const first = firstOf.get(user);
    if (first === undefined) firstOf.set(user, index);
    else {
      const { line } = document.locate(['spaces', first, 'user'], 'value');
      problems.push(problemAt(document, path, `"${user}" must be named once; line ${line} names it, too`));
    }
    if (url !== undefined || storage.url?.includes('{user}') === true) continue;
    const why =
      storage.url === undefined
        ? 'there is no storage.url to take instead'
        : `storage.url (line ${document.locate(['storage', 'url'], 'value').line}) has no {user} in its path`;
    problems.push(problemAt(document, path, `"${user}" needs a url of its own: ${why}`));
  }
  return problems;
}

function refusal(file: string, problems: readonly Problem[]): OvadexError {
  return new OvadexError(
    'config',
    `the configuration has ${counted(problems.length, 'problem')}:\n${formatProblems(file, problems)}`,
  );
}

function assemble(file: ConfigFile): Config {
  const inherited: Credentials = file.storage.auth ?? { type: 'none' };
  // One object for all that inherit it: a bundle of certificates may be part of it.
  const usual = connectionOf({}, file.storage);
  const spaces: SpaceSettings[] = [];
  const discoveries: DiscoverySettings[] = [];
  const publicUsers: string[] = [];
  for (const entry of file.spaces) {
    const auth = entry.auth ?? inherited;
    const connection = hasConnection(entry) ? connectionOf(entry, file.storage) : usual;
    const reach = connection === undefined ? { auth } : { auth, connection };
    if (entry.discover !== undefined) discoveries.push({ url: new URL(entry.discover).href, ...reach });
    const url = entry.url ?? file.storage.url;
    if (entry.user === undefined || url === undefined) continue;
    if (entry.public === true) publicUsers.push(entry.user);
    spaces.push({ user: entry.user, url: fillUrl(url, entry.user), ...reach, watchDirectory: entry.watch ?? null });
  }
  const { timeouts, poll, ...crawl } = file.crawl;
  return {
    server: withSocketRights(file.server),
    data: file.data,
    api: file.api,
    auth: file.auth,
    spaces,
    publicUsers,
    discoveries,
    crawl: {
      ...crawl,
      poll: poll === 'off' ? null : poll,
      timeouts: {
        connectMs: timeouts.connect,
        firstByteMs: timeouts.firstByte,
        silenceMs: timeouts.silence,
        totalMs: timeouts.total,
      },
    },
    maintenance: maintenanceOf(file.maintenance),
    log: file.log,
  };
}

function hasConnection({ headers, tls, proxy }: ConnectionEntry): boolean {
  return headers !== undefined || tls !== undefined || proxy !== undefined;
}

function fillUrl(template: string, user: string): string {
  return new URL(template.replaceAll('{user}', encodeURIComponent(user))).href;
}
