import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { watch } from 'chokidar';
import { OvadexError } from '../domain/model/errors.js';
import type { CheckOptions, checkConfig } from './load.js';
import type { Config } from './schema.js';

/** Editors write a file in several steps; after this long without a change it is taken as complete. */
const QUIET_MS = 200;

/**
 * How soon a renewed secret or certificate file takes effect. These files are polled, not watched: a single `stat`
 * detects a replaced file, a changed link and a write by another machine.
 */
const LOOK_EVERY_MS = 5_000;

/** A configuration file that is being watched. */
export interface WatchedConfig {
  /** Reads the file now, changed or not; resolves when all consequences are done. Never rejects. */
  reread(): Promise<void>;
  end(): Promise<void>;
}

export interface WatchCallbacks {
  /** Wraps every reading of the file; calls `read` once and waits for it. */
  readonly around?: ((read: () => Promise<void>) => Promise<void>) | undefined;
  readonly onConfig: (config: Config, warnings: readonly string[]) => Promise<void> | void;
  readonly onRefused: (reason: string) => void;
  /** Called once if the system can't watch the file, which is polled from then on like those that it names. */
  readonly onUnwatchable?: ((error: unknown) => void) | undefined;
}

export interface WatchOptions extends CheckOptions {
  /** Reads and checks the file. */
  readonly check: typeof checkConfig;
  /** The files that it names, as of the last reading. */
  readonly named: readonly string[];
  readonly lookEveryMs?: number;
}

/**
 * Calls back whenever the file, or a file that it names, has changed or `reread` is called: with the configuration and
 * its warnings if it is valid, or else with the reason. Callbacks run one after another.
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
      // The files that it named when it was last valid are still watched: one of them may be the problem.
      callbacks.onRefused(error instanceof OvadexError ? error.message : String(error));
    }
  };
  const readNext = async (before: Promise<void>) => {
    await before;
    waiting = null; // later changes are picked up by the next reading
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

/** Polls files and calls back when one of those last set changes, vanishes or reappears. */
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
