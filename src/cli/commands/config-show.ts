import { checkConfig } from '../../config/load.js';
import { shownConfig, shownSpaceOf } from '../../config/shown.js';
import { shownText } from '../../config/shown-text.js';
import { withUsers } from '../../config/with-users.js';
import { OvadexError } from '../../domain/model/errors.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';

export interface ConfigShowOptions {
  readonly config: string;
  /** Shows only this user's space. */
  readonly user?: string;
  readonly json?: boolean;
}

/** `ovadex config show`: prints the effective configuration with the keys of its file and without secrets. */
export async function configShow({ config: file, user, json }: ConfigShowOptions, io: Io): Promise<number> {
  const checked = await checkConfig(file, { credentialsDirectory: io.env['CREDENTIALS_DIRECTORY'] });
  const { config, warnings } = await withUsers(checked);
  writeLines(io.stderr, ...warnings.map((warning) => `warning: ${warning}`));
  const shown = user === undefined ? shownConfig(checked.config) : shownSpaceOf(config, user);
  if (shown === null) {
    const found = config.discoveries.length === 0 ? '' : '; a discovery may find one: see ovadex spaces';
    throw new OvadexError('not-found', `${file} has no space of user "${user}"${found}`);
  }
  if (json === true) writeJson(io.stdout, shown);
  else io.stdout.write(shownText(shown).split('\n').map(printable).join('\n'));
  return EXIT.ok;
}
