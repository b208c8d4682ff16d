import { keyPlaceOf, openLinks } from '../app/link-keeping.js';
import { lostLinks } from '../app/linked-spaces.js';
import type { Index } from '../app/open-index.js';
import type { Config } from '../config/schema.js';
import { type Finding, ok } from '../domain/diagnosis/finding.js';
import { OvadexError } from '../domain/model/errors.js';
import type { SpaceSettings } from '../domain/model/space.js';
import { withLinks } from '../domain/policy/linking.js';
import { counted } from '../domain/text/counted.js';

/** The spaces with those that users have connected by themselves, and what there is to say about these. */
export interface LinksFound {
  readonly spaces: readonly SpaceSettings[];
  /** Users whose credentials are those of a link. */
  readonly linked: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Examines whether the app passwords of users can be read. */
export async function examineLinks(config: Config, links: Index['links']): Promise<LinksFound> {
  const { file } = keyPlaceOf(config);
  const subject = file;
  try {
    const opened = await openLinks(config, links);
    const spaces = withLinks(config.spaces, config.link.origins, opened);
    // A space of the configuration that takes none from a link is handed on as it is.
    const own = new Set(config.spaces);
    const linked = new Set(spaces.filter((space) => !own.has(space)).map(({ user }) => user));
    if (opened.length === 0) return { spaces, linked, findings: [] };
    const lost = opened.filter(({ password }) => password === null).length;
    const told = ok('index', subject, `${counted(opened.length, 'storage')} connected by users`);
    if (lost === 0) return { spaces, linked, findings: [told] };
    const action = 'restore the key file from a backup; until then these users are told to connect their storage again';
    return { spaces, linked, findings: [{ ...told, severity: 'problem', message: lostLinks(lost), action }] };
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'config')) throw error;
    const action = 'correct the file; the daemon does not start with it';
    const finding: Finding = { area: 'files', subject, severity: 'problem', message: error.message, action };
    return { spaces: config.spaces, linked: new Set(), findings: [finding] };
  }
}
