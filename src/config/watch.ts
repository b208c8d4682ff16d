import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { watch } from 'chokidar';
import { OvadexError } from '../domain/errors.js';
import { checkConfig } from './load.js';
import type { Config } from './schema.js';

/** Editors write a file in several steps; what stands after so long a silence is meant. */
const QUIET_MS = 200;

/**
 * What a file of secrets or certificates holds takes effect so soon after it was renewed. They are looked at, not
 * listened to: a look is one `stat`, and sees a file that was replaced, a link that was turned and another machine's write.
 */
const LOOK_EVERY_MS = 5_000;

/**
 * Calls back with the configuration and its warnings whenever its file, or a file that it names, has changed
 * and is valid, or with the reason why it is not. Answers the function that ends the watch.
 */
export function watchConfig(
  file: string,
  callbacks: {
    readonly onConfig: (config: Config, warnings: readonly string[]) => void;
    readonly onRefused: (reason: string) => void;
  },
  { lookEveryMs = LOOK_EVERY_MS }: { lookEveryMs?: number } = {},
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const readSoon = () => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(read, QUIET_MS);
  };
  const named = watchFiles(lookEveryMs, readSoon);
  const read = () => {
    checkConfig(file).then(
      ({ config, warnings, files }) => {
        if (isOver) return;
        named.set(files);
        callbacks.onConfig(config, warnings);
      },
      // The files that it named when it was valid are still looked at: one of them may be what is wrong.
      (error: unknown) => callbacks.onRefused(error instanceof OvadexError ? error.message : String(error)),
    );
  };
  checkConfig(file).then(
    ({ files }) => {
      if (!isOver) named.set(files);
    },
    () => readSoon(), // it was valid a moment ago: whoever writes it is not ready
  );
  const watcher = watch(file, { ignoreInitial: true }).on('all', readSoon);
  return async () => {
    isOver = true;
    clearTimeout(timer);
    named.set([]);
    await watcher.close();
  };
}

/** Calls back when one of the files that were last set changes, vanishes or comes back. */
function watchFiles(everyMs: number, onChange: () => void): { set(files: readonly string[]): void } {
  let watched = new Set<string>();
  const look: StatsListener = (now, before) => {
    const isSame = now.mtimeMs === before.mtimeMs && now.size === before.size && now.ino === before.ino;
    if (!isSame) onChange();
  };
  return {
    set(files) {
      const next = new Set(files);
      for (const file of watched) if (!next.has(file)) unwatchFile(file, look);
      for (const file of next) {
        if (!watched.has(file)) watchFile(file, { interval: everyMs, persistent: false }, look);
      }
      watched = next;
    },
  };
}
