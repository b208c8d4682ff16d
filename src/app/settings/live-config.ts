import type { Logger } from 'pino';
import { checkConfigApart } from '../../config/apart.js';
import type { Config } from '../../config/schema.js';
import { type WatchedConfig, watchConfig } from '../../config/watch.js';
import { whyUnwatchable } from '../../crawl/folders/inotify-limits.js';
import type { ConfigurationStanding, ReloadOutcome } from '../../domain/diagnosis/daemon-health.js';
import { OvadexError } from '../../domain/model/errors.js';
import { createReloads } from './reloads.js';
import { changedSections, sectionsForRestart, sectionsWaiting } from './restart-sections.js';
import { sourcesOf } from './settings-in-effect.js';

/** The configuration of a running daemon, which follows its file. */
export interface LiveConfig {
  /** What is in effect, but for sections that only a restart can change. */
  current(): Config;
  /** Why the file is refused as it is now; null if it isn't. */
  refusal(): string | null;
  /** Why a valid configuration is not in effect yet; null if none is pending. */
  trouble(): string | null;
  /** Everything there is to say of it but its text. */
  standing(): Omit<ConfigurationStanding, 'text' | 'spacesLeftOut'>;
  /** Switches to another configuration; settings that only a restart can change are kept, and logged. */
  reload(next: Config): Promise<void>;
  /** Begins to follow the file; without one nothing is done. */
  watch(): void;
  /** Reads the file again, changed or not, and applies it. Never rejects. */
  reread(): Promise<void>;
  /** Reads the file again, and tells what became of it. Rejects with OvadexError `conflict` if there is none. */
  rereadAndTell(): Promise<ReloadOutcome>;
  end(): Promise<void>;
}

export interface LiveConfigOptions {
  /** Brings a configuration into effect; if it rejects, nothing has changed. */
  readonly apply: (next: Config) => Promise<void>;
  /** The file to watch, with the files it names; without it nothing is ever read again. */
  readonly file:
    | { readonly path: string; readonly named: readonly string[]; readonly warnings?: readonly string[] }
    | undefined;
  /** Wraps every reading; calls `read` once. */
  readonly around: ((read: () => Promise<void>) => Promise<void>) | undefined;
  readonly credentialsDirectory: string | undefined;
  readonly logger: Logger;
  readonly check?: typeof checkConfigApart;
}

/** Follows the file of the configuration that the daemon has `started` with. */
export function createLiveConfig(started: Config, options: LiveConfigOptions): LiveConfig {
  const { apply, file, around, credentialsDirectory, logger, check = checkConfigApart } = options;
  let current = started;
  /** The last valid one that was read, in effect or not. */
  let latest = started;
  let warnings = file?.warnings ?? [];
  let refusal: string | null = null;
  let watched: WatchedConfig | undefined;

  const reload = async (next: Config) => {
    await apply(next);
    for (const section of sectionsForRestart(started, { before: current, now: next })) {
      logger.warn(`the change of "${section}" takes effect at the next start`);
    }
    current = next;
    logger.info(sourcesOf(next), 'configuration reloaded');
  };
  const reloads = createReloads(reload, { logger });

  const onConfig = async (next: Config, found: readonly string[]) => {
    for (const warning of found) logger.warn(warning);
    refusal = null;
    [latest, warnings] = [next, found];
    await reloads.apply(next);
  };
  const onRefused = (reason: string) => {
    refusal = reason;
    logger.error(`new configuration rejected; still using the old one: ${reason}`);
  };
  const onUnwatchable = (error: unknown) => {
    void whyUnwatchable(error).then((why) =>
      logger.warn(`the configuration file can't be watched: ${why}. It is checked every five seconds instead`),
    );
  };

  return {
    current: () => current,
    refusal: () => refusal,
    trouble: reloads.trouble,
    standing: () => ({
      file: file?.path ?? null,
      warnings,
      waitsForRestart: sectionsWaiting(started, current),
      refused: refusal,
      pending: reloads.trouble(),
    }),
    reload,
    watch() {
      if (file === undefined) return;
      const callbacks = { around, onConfig, onRefused, onUnwatchable };
      watched = watchConfig(file.path, callbacks, { check, named: file.named, credentialsDirectory });
    },
    reread: () => watched?.reread() ?? Promise.resolve(),
    async rereadAndTell() {
      if (watched === undefined) throw new OvadexError('conflict', NO_FILE);
      const before = current;
      await watched.reread();
      if (refusal !== null) return { state: 'refused', reason: refusal };
      const reason = reloads.trouble();
      return {
        state: reason === null ? 'applied' : 'pending',
        changed: changedSections(before, latest),
        waitsForRestart: sectionsWaiting(started, latest),
        warnings,
        reason,
      };
    },
    async end() {
      reloads.end();
      await watched?.end();
    },
  };
}

const NO_FILE = 'this daemon was started without a configuration file, so there is none to read again';
