import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { askedPath } from '../../domain/diagnosis/asked-path.js';
import { explainPath, listingRules } from '../../domain/diagnosis/why.js';
import { describeReason, OPERATOR } from '../../domain/diagnosis/why-words.js';
import { OvadexError } from '../../domain/model/errors.js';
import { explanationToJson } from '../../wire/explanation.js';
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
) => Promise<Pick<Index, 'catalogue' | 'traces' | 'clock' | 'close'>>;

/**
 * `ovadex why`: explains why a path is in a user's list or isn't, from the index and the configuration, without asking
 * the storage.
 */
export async function why(path: string, options: WhyOptions, io: Io, open: OpenTrace): Promise<number> {
  const config = await loadConfig(options.config);
  const index = await open(config, { readonly: true });
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
    const asked = askedPath(path, space.url);
    if (asked === null) throw new OvadexError('usage', 'why: name an image by its path below the root of the space');
    const trace = await index.traces.trace(space.id, asked);
    const reason = explainPath(asked, { trace, space, rules: listingRules(config.crawl) });
    const told = describeReason(reason, OPERATOR(user), { nextSyncAt: space.nextSyncAt, now: index.clock() });
    if (options.json === true) {
      writeJson(io.stdout, { user, ...explanationToJson(asked, reason.kind, told, trace.elsewhere) });
      return EXIT.ok;
    }
    const { isListed, message, action } = told;
    const others = trace.elsewhere.map((each) => `an image of that name is listed at "${each}"`);
    const lines = [message, ...(isListed ? [] : others), ...(action === null ? [] : [`-> ${action}`])];
    writeLines(
      io.stdout,
      `${asked}: ${isListed ? 'listed' : 'not listed'}`,
      ...lines.map((line) => `  ${line}`).map(printable),
    );
    return EXIT.ok;
  } finally {
    await index.close();
  }
}
