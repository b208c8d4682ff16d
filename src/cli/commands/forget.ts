import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import type { ForgottenUser } from '../../domain/model/departed.js';
import { OvadexError } from '../../domain/model/errors.js';
import { counted } from '../../domain/text/counted.js';
import { forgottenToJson } from '../../wire/departed.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';

export interface ForgetOptions {
  readonly config: string;
  readonly user: string;
  readonly json?: boolean;
}

export interface ForgetDeps {
  readonly open: (config: Config) => Promise<Pick<Index, 'forget' | 'close'>>;
  readonly audit: CommandAudit;
}

/** `ovadex forget`: deletes everything stored about a user who is no longer configured; safe while a daemon runs. */
export async function forgetUser(options: ForgetOptions, io: Io, deps: ForgetDeps): Promise<number> {
  const { user } = options;
  const config = await loadConfig(options.config);
  if (config.spaces.some((space) => space.user === user)) {
    await deps.audit(config, io, 'forget', { user }, 'refused: conflict');
    throw new OvadexError(
      'conflict',
      `the space of "${user}" is in ${options.config}; remove it from the configuration first, or the next sync would bring it back`,
    );
  }
  const index = await deps.open(config);
  try {
    const forgotten = await index.forget(user);
    if (forgotten === null) throw new OvadexError('not-found', `nothing is stored about "${user}"`);
    await deps.audit(config, io, 'forget', { user, ...forgotten });
    if (options.json === true) writeJson(io.stdout, forgottenToJson({ user, ...forgotten }));
    else writeLines(io.stdout, lineOfForgotten({ user, ...forgotten }));
    return EXIT.ok;
  } catch (error) {
    await deps.audit(config, io, 'forget', { user }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

/** One line for people about what was deleted. */
export function lineOfForgotten({ user, images, collections, syncs, tokens }: ForgottenUser): string {
  const counts = [
    counted(images, 'image'),
    counted(collections, 'collection'),
    counted(syncs, 'request'),
    counted(tokens, 'token'),
  ].join(', ');
  return `"${printable(user)}" is forgotten: ${counts}`;
}
