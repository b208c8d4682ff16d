import type { createApp } from '../app.js';
import { checkConfig } from '../config/load.js';
import { createLogger } from '../platform/logger.js';
import { EXIT } from './exit-code.js';
import { interruptible, whenAborted } from './interruptible.js';
import type { Io } from './io.js';

export interface ServeOptions {
  readonly config: string;
}

/** `ovadex serve`: the daemon, until a signal stops it. */
export async function serve(options: ServeOptions, io: Io, create: typeof createApp): Promise<number> {
  const { config, warnings } = await checkConfig(options.config);
  const logger = createLogger(config.log);
  for (const warning of warnings) logger.warn(warning);

  return await interruptible({ io, logger }, async (signal) => {
    let fail: (error: Error) => void = () => {};
    const failure = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    failure.catch(() => {}); // it may come before anybody waits for it
    const app = create(config, { logger, configFile: options.config, onFailure: fail });
    try {
      await app.start();
      await Promise.race([whenAborted(signal), failure]);
    } finally {
      await app.stop();
    }
    return EXIT.ok;
  });
}
