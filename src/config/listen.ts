import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { OvadexError } from '../domain/model/errors.js';
import type { ListenAddress } from './schema.js';
import { serverSection } from './sections/server.js';
import { expandCredentialsDirectory } from './source/credentials-directory.js';
import { formatProblems, problemsOf } from './source/problem.js';
import { readSource } from './source/source.js';

/**
 * Reads from the configuration where the API listens, and nothing else: a mistake elsewhere doesn't affect a running
 * daemon, which keeps its old configuration. Throws OvadexError `config`.
 */
export async function readListenAddress(file: string): Promise<ListenAddress> {
  const { document } = await readSource(file);
  const resolvePath = (path: string) => resolve(dirname(resolve(file)), expandCredentialsDirectory(path));
  const schema = z.object({ server: serverSection(resolvePath) });
  const parsed = schema.safeParse(document.data ?? {});
  if (parsed.success && document.data !== undefined) return parsed.data.server.listen;
  const problems = [...document.problems, ...problemsOf(parsed.error?.issues ?? [], document)];
  throw new OvadexError(
    'config',
    `the configuration does not say where the API listens:\n${formatProblems([{ file, problems }])}`,
  );
}
