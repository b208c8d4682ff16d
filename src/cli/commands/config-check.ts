import { checkConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { withUsers } from '../../config/with-users.js';
import type { CheckOnlineOptions, OnlineCheck } from '../../doctor/check-online.js';
import type { findCollisions } from '../../doctor/discovery-check.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { createLogger } from '../../platform/log/logger.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { EXIT } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, printable, writeLines } from '../terminal/io.js';
import { createProgressLine } from '../terminal/progress-line.js';

export interface ConfigCheckOptions {
  readonly config: string;
  readonly online?: boolean;
  readonly verbose?: boolean;
}

/** Places that answer are named up to this number: one screenful. */
const MOST_NAMED = 20;

export type AskOnline = (config: Config, options: CheckOnlineOptions) => Promise<void>;

/**
 * `ovadex config check`: reports every problem at once. With `--online` each storage is asked for its root, and
 * `collide` for users who are found in several places. With many storages, those that answer are counted and only the
 * others are named.
 */
export async function configCheck(
  options: ConfigCheckOptions,
  io: Io,
  ask: AskOnline,
  collide?: typeof findCollisions,
): Promise<number> {
  const { config, warnings } = await withUsers(await checkConfig(options.config));
  writeLines(io.stderr, ...warnings.map((warning) => `warning: ${warning}`));
  writeLines(io.stdout, `${options.config} is valid (${sizeOf(config)})`);
  if (options.online !== true) return EXIT.ok;

  const logger = createLogger({ ...config.log, level: 'error', destination: io.stderr });
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const of = config.spaces.length + config.discoveries.length;
    const progress = createProgressLine(io.stderr);
    let asked = 0;
    let answering = 0;
    const tell = (check: OnlineCheck) => {
      asked += check.places;
      if (check.ok) answering += check.places;
      if (!check.ok || options.verbose === true || of <= MOST_NAMED) {
        progress.clear();
        writeLines(io.stdout, lineOf(check));
      }
      progress.show(`${grouped(asked)} of ${grouped(of)} asked`);
    };
    await ask(config, { tell, signal }).finally(progress.clear);
    writeLines(io.stdout, `${grouped(answering)} of ${grouped(of)} answer`);
    const collisions = (await collide?.(config, signal)) ?? [];
    writeLines(io.stderr, ...collisions.map((collision) => `warning: ${printable(collision)}`));
    return answering === of ? EXIT.ok : EXIT.storage;
  });
}

function sizeOf({ spaces, discoveries }: Config): string {
  const found = discoveries.length === 0 ? [] : [counted(discoveries.length, 'discovery', 'discoveries')];
  return [counted(spaces.length, 'space'), ...found].join(', ');
}

function lineOf({ user, url, places, ok, detail }: OnlineCheck): string {
  const whose = places === 1 ? printable(user ?? 'discover') : counted(places, 'space');
  return ok ? `ok      ${whose}  ${url}` : `failed  ${whose}  ${url}: ${printable(detail)}`;
}
