import { watch } from 'chokidar';
import { OvadexError } from '../domain/errors.js';
import { checkConfig } from './load.js';
import type { Config } from './schema.js';

/** Editors write a file in several steps; what stands after so long a silence is meant. */
const QUIET_MS = 200;

/**
 * Calls back with the configuration and its warnings whenever its file has changed
 * and is valid, or with the reason why it is not. Answers the function that ends the watch.
 */
export function watchConfig(
  file: string,
  callbacks: {
    readonly onConfig: (config: Config, warnings: readonly string[]) => void;
    readonly onRefused: (reason: string) => void;
  },
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const read = () => {
    checkConfig(file).then(
      ({ config, warnings }) => callbacks.onConfig(config, warnings),
      (error: unknown) => callbacks.onRefused(error instanceof OvadexError ? error.message : String(error)),
    );
  };
  const watcher = watch(file, { ignoreInitial: true }).on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(read, QUIET_MS);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
