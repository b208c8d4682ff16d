import { checkConfig } from '../config/load.js';
import type { checkOnline } from '../crawler.js';
import type { findCollisions } from '../discovery-check.js';
import { createLogger } from '../platform/logger.js';
import { signalExitCode } from '../platform/shutdown.js';
import { EXIT } from './exit-code.js';
import { interruptible } from './interruptible.js';
import { type Io, printable, writeLines } from './io.js';

export interface ConfigCheckOptions {
  readonly config: string;
  readonly online?: boolean;
}

/**
 * `ovadex config check`: every problem at once; with `--online` each storage is asked for its root, too, and
 * `collide` for users who are found at several places.
 */
export async function configCheck(
  options: ConfigCheckOptions,
  io: Io,
  ask: typeof checkOnline,
  collide?: typeof findCollisions,
): Promise<number> {
  const { config, warnings } = await checkConfig(options.config);
  writeLines(io.stderr, ...warnings.map((warning) => `warning: ${warning}`));
  const { length: spaces } = config.spaces;
  const { length: discoveries } = config.discoveries;
  writeLines(io.stdout, `${options.config} is valid: ${spaces} spaces, ${discoveries} discoveries`);
  if (options.online !== true) return EXIT.ok;

  const logger = createLogger({ ...config.log, level: 'error', destination: io.stderr });
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    let code: number = EXIT.ok;
    for await (const { user, url, ok, detail } of ask(config, signal)) {
      const whose = user === null ? 'discover' : printable(user);
      const reason = detail === '' ? '' : `: ${printable(detail)}`;
      writeLines(io.stdout, `${ok ? 'ok    ' : 'failed'}  ${whose}  ${url}${ok ? '' : reason}`);
      if (!ok) code = EXIT.storage;
    }
    const collisions = (await collide?.(config, signal)) ?? [];
    writeLines(io.stderr, ...collisions.map((collision) => `warning: ${printable(collision)}`));
    return code;
  });
}
