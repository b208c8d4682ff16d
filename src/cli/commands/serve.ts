import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { App, AppOverrides, createApp } from '../../app/app.js';
import type { checkConfig } from '../../config/load.js';
import { createLogger } from '../../platform/log/logger.js';
import { inheritedListener } from '../../platform/service/inherited-listener.js';
import { connectServiceManager } from '../../platform/service/service-manager.js';
import { EXIT, exitCodeOf } from '../terminal/exit-code.js';
import { interruptible, whenAborted } from '../terminal/interruptible.js';
import type { Io } from '../terminal/io.js';

export interface ServeOptions {
  readonly config: string;
}

export interface ServeDeps {
  readonly check: typeof checkConfig;
  /** Loads the daemon's code while the configuration is being read. */
  readonly load: () => Promise<{ readonly createApp: typeof createApp }>;
  /** Looks at a daemon for its administrators. */
  readonly examine: NonNullable<AppOverrides['examine']>;
}

const STDOUT = 1;
/** Longer than the responses in flight get after the crawler's end, so that nothing that hangs keeps the process alive. */
const END_WITHIN_MS = 2_000;

/** `ovadex serve`: runs the daemon until a signal stops it; on SIGHUP it reads its configuration again. */
export async function serve(options: ServeOptions, io: Io, { check, load, examine }: ServeDeps): Promise<number> {
  const credentialsDirectory = io.env['CREDENTIALS_DIRECTORY'];
  const [{ config, warnings, files }, { createApp }] = await Promise.all([
    check(options.config, { credentialsDirectory }),
    load(),
  ]);
  const logger = createLogger(config.log);
  for (const warning of warnings) logger.warn(warning);
  const manager = connectServiceManager({ environment: io.env, pid: process.pid, logger });
  const aroundReload = async (read: () => Promise<void>) => {
    await manager.reloading();
    await read();
    await manager.reloaded();
  };
  const listenerFd = inheritedListener(io.env, process.pid);
  if (listenerFd !== null) logger.info('the service manager listens: server.listen of the configuration is not used');
  let app: App | undefined;
  // Other daemons reopen their logs on these signals; unhandled, SIGUSR2 would end the process and its crawl.
  const onMeaningless = (signal: string) => () =>
    logger.warn(`${signal} means nothing to ovadex: its log is standard output, which it never reopens`);
  const meaningless = (['SIGUSR1', 'SIGUSR2'] as const).map((signal) => [signal, onMeaningless(signal)] as const);
  for (const [signal, listener] of meaningless) io.process.on(signal, listener);

  return await interruptible({ io, logger, onHangUp }, async (signal) => {
    let fail: (error: Error) => void = () => {};
    const failure = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    failure.catch(() => {}); // it may reject before anything awaits it
    app = createApp(config, {
      logger,
      configFile: { path: options.config, named: files, warnings },
      examine,
      credentialsDirectory,
      aroundReload,
      listenerFd,
      onFailure: fail,
    });
    const run = async (daemon: App) => {
      try {
        await daemon.start();
        void manager.started(daemon);
        await Promise.race([whenAborted(signal), failure]);
      } finally {
        await Promise.all([manager.stopping(), daemon.stop()]);
      }
    };
    // Without its crawler, a stop may wait forever, even one that had already begun. Any other end is orderly.
    const giveUp = failure.catch(async (error: unknown) => {
      if (exitCodeOf(error) !== EXIT.internal) return await new Promise<never>(() => {});
      await delay(END_WITHIN_MS);
      throw error;
    });
    giveUp.catch(() => {});
    await Promise.race([run(app), giveUp]);
    return EXIT.ok;
  });

  function onHangUp(): boolean {
    // A closed terminal is no longer a terminal: then SIGHUP was not a request to reload, and nobody reads the output.
    if (io.stdout.isTTY === true && !isatty(STDOUT)) return false;
    void app?.reread();
    return true;
  }
}
