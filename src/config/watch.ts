import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { watch } from 'chokidar';
import { OvadexError } from '../domain/model/errors.js';
import type { CheckOptions, checkConfig } from './load.js';
import type { Config } from './schema.js';

/** Editors write a file in several steps; what stands after so long a silence is meant. */
const QUIET_MS = 200;

/**
 * What a file of secrets or certificates holds takes effect so soon after it was renewed. They are looked at, not
 * listened to: a look is one `stat`, and sees a file that was replaced, a link that was turned and another machine's write.
 */
const LOOK_EVERY_MS = 5_000;

/** A configuration file that is followed. */
export interface WatchedConfig {
  /** Reads it now, changed or not; settles when all that follows from that is done. Never rejects. */
  reread(): Promise<void>;
  end(): Promise<void>;
}

export interface WatchCallbacks {
  /** What else must be done when the file is read; calls `read` once and waits for it. */
  readonly around?: ((read: () => Promise<void>) => Promise<void>) | undefined;
  readonly onConfig: (config: Config, warnings: readonly string[]) => Promise<void> | void;
  readonly onRefused: (reason: string) => void;
  /** The system has no watch to give: from here on the file itself is looked at as those that it names are. Called once. */
  readonly onUnwatchable?: ((error: unknown) => void) | undefined;
}

export interface WatchOptions extends CheckOptions {
  /** How the file is read. */
  readonly check: typeof checkConfig;
  /** The files that it names, from whoever has just read it. */
  readonly named: readonly string[];
  readonly lookEveryMs?: number;
}

/**
 * Calls back with the configuration and its warnings whenever its file, or a file that it names, has changed
 * (or `reread` is called) and is valid, or with the reason why it is not: one after the other, the next when the
 * last is done.
 */
export function watchConfig(
  file: string,
  callbacks: WatchCallbacks,
  { check, named: firstNamed, lookEveryMs = LOOK_EVERY_MS, credentialsDirectory }: WatchOptions,
): WatchedConfig {
  const { around = (read) => read() } = callbacks;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let last: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;
  const readSoon = () => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(reread, QUIET_MS);
  };
  const named = watchFiles(lookEveryMs, readSoon);
  const read = async () => {
    try {
      const { config, warnings, files } = await check(file, { credentialsDirectory });
      if (isOver) return;
      named.set(files);
      await callbacks.onConfig(config, warnings);
    } catch (error) {
      // The files that it named when it was valid are still looked at: one of them may be what is wrong.
      callbacks.onRefused(error instanceof OvadexError ? error.message : String(error));
    }
  };
  const readNext = async (before: Promise<void>) => {
    await before;
    waiting = null; // what changes from here on is read by the next
    clearTimeout(timer);
    if (!isOver) await around(read);
  };
  const reread = () => {
    if (waiting !== null) return waiting;
    waiting = readNext(last);
    last = waiting;
    return waiting;
  };
  named.set(firstNamed);
  const watcher = watch(file, { ignoreInitial: true }).on('all', readSoon);
  const looked = watchFiles(lookEveryMs, readSoon);
  let isLookedAt = false;
  watcher.on('error', (error) => {
    if (isLookedAt || isOver) return;
    isLookedAt = true;
    looked.set([file]);
    callbacks.onUnwatchable?.(error);
    void watcher.close();
  });
  return {
    reread,
    async end() {
      isOver = true;
      clearTimeout(timer);
      named.set([]);
      looked.set([]);
      await watcher.close();
    },
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
