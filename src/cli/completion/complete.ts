import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeLines } from '../terminal/io.js';

export interface CompleteOptions {
  readonly config: string;
}

export type OpenSpaces = (config: Config, options: { readonly: true }) => Promise<Pick<Index, 'catalogue' | 'close'>>;

/**
 * `ovadex complete users`, which the scripts of `ovadex completion` call: lists the users of the configuration and of
 * the index, one per line. Sources that can't be read are skipped: somebody is typing.
 */
export async function complete(what: string, options: CompleteOptions, io: Io, open: OpenSpaces): Promise<number> {
  if (what !== 'users') throw new OvadexError('usage', `complete: "${what}" is not known; allowed: users`);
  const config = await loadConfig(options.config).catch(noneOf);
  if (config === null) return EXIT.ok;
  const users = new Set(config.spaces.map(({ user }) => user));
  for (const user of await usersOfIndex(config, open)) users.add(user);
  // A name that contains a line break would look like two names.
  const whole = [...users].filter((user) => !/[\r\n]/.test(user)).sort((a, b) => (a < b ? -1 : 1));
  writeLines(io.stdout, ...whole);
  return EXIT.ok;
}

async function usersOfIndex(config: Config, open: OpenSpaces): Promise<readonly string[]> {
  try {
    const index = await open(config, { readonly: true });
    try {
      return (await index.catalogue.listSpaces()).spaces.map(({ user }) => user);
    } finally {
      await index.close();
    }
  } catch (error) {
    return noneOf(error) ?? [];
  }
}

/** Swallows errors made on purpose; anything else is a bug and rethrown. */
function noneOf(error: unknown): null {
  if (error instanceof OvadexError) return null;
  throw error;
}
