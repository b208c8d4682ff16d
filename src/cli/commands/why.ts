import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { explainPath } from '../../domain/diagnosis/why.js';
import { describeReason } from '../../domain/diagnosis/why-words.js';
import { OvadexError } from '../../domain/model/errors.js';
import { compileExclusions, exclusionsOf } from '../../domain/model/exclusions.js';
import type { ResourcePath } from '../../domain/model/path.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';

export interface WhyOptions {
  readonly config: string;
  readonly user: string;
  readonly json?: boolean;
}

export type OpenTrace = (
  config: Config,
  options: { readonly readonly: true },
) => Pick<Index, 'catalogue' | 'trace' | 'close'>;

/**
 * `ovadex why`: explains why a path is in a user's list or isn't, from the index and the configuration, without asking
 * the storage.
 */
export async function why(path: string, options: WhyOptions, io: Io, open: OpenTrace): Promise<number> {
  const config = await loadConfig(options.config);
  const index = open(config, { readonly: true });
  try {
    const { user } = options;
    const space = await index.catalogue.space(user);
    if (space === null) {
      const isConfigured = config.spaces.some((each) => each.user === user);
      const mayLink = config.link.origins.length > 0;
      const unknown = mayLink ? 'it is not configured, and its user has connected no storage' : 'it is not configured';
      const reason = isConfigured ? 'it is added by the first sync after it is configured' : unknown;
      throw new OvadexError('not-found', `the index has no space of user "${user}"; ${reason}`);
    }
    const asked = pathFrom(path, space.url);
    const trace = await index.trace(space.id, asked);
    const rules = {
      exclusions: exclusionsOf(config.crawl),
      excludes: (glob: string, at: string) => compileExclusions([glob])(at),
      maxDepth: config.crawl.maxDepth,
    };
    const reason = explainPath(asked, { trace, space, rules });
    const { isListed, message, action } = describeReason(reason, user, space.nextSyncAt);
    if (options.json === true) {
      const { elsewhere } = trace;
      writeJson(io.stdout, { user, path: asked, listed: isListed, reason: reason.kind, message, action, elsewhere });
      return EXIT.ok;
    }
    const others = trace.elsewhere.map((each) => `an image of that name is listed at "${each}"`);
    const lines = [message, ...(isListed ? [] : others), ...(action === null ? [] : [`-> ${action}`])];
    writeLines(
      io.stdout,
      `${asked}: ${isListed ? 'listed' : 'not listed'}`,
      ...lines.map((line) => `  ${line}`).map(printable),
    );
    return EXIT.ok;
  } finally {
    index.close();
  }
}

/** Turns a path, or a URL below the space's, into the form of the list: without leading and trailing slashes. */
function pathFrom(given: string, url: string): ResourcePath {
  const path = given.startsWith(url) ? decoded(given.slice(url.length)) : given;
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.length === 0) throw new OvadexError('usage', 'why: name an image by its path below the root of the space');
  return names.join('/') as ResourcePath;
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch (error) {
    if (error instanceof URIError) return href; // bytes that aren't UTF-8: compared as they are spelled
    throw error;
  }
}
