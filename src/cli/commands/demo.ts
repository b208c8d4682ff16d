import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createApp } from '../../app/app.js';
import { createCrawler } from '../../app/crawler.js';
import { openIndex } from '../../app/open-index.js';
import { checkConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { writeDemoConfig } from '../../demo/config-file.js';
import { preferPort } from '../../demo/free-port.js';
import { guideOf } from '../../demo/guide.js';
import { demoLogLine } from '../../demo/log-line.js';
import { createNarrator, type Narrator } from '../../demo/narrator.js';
import { type Demo, prepareDemo } from '../../demo/prepare.js';
import { jsonFormatter, programWords } from '../../demo/program-words.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Sync } from '../../domain/model/sync.js';
import { createLogger } from '../../platform/log/logger.js';
import { createSyncProgress } from '../reports/sync-progress.js';
import { EXIT } from '../terminal/exit-code.js';
import { interruptible, whenAborted } from '../terminal/interruptible.js';
import type { Io } from '../terminal/io.js';

export interface DemoOptions extends Pick<Io, 'stdout' | 'stderr' | 'env'> {
  /** Aborting it ends the demo. */
  readonly signal: AbortSignal;
}

/** The port of a configuration without `listen`; if it is taken, the API has any free one. */
const USUAL_PORT = 8080;
/** A day: longer than any demo, whose tokens go with its index anyway. */
const TOKEN_LIFE_MS = 86_400_000;

/** `ovadex demo`: makes a sample storage, crawls it and serves it until a signal ends the demo. */
export async function demo(io: Io): Promise<number> {
  return await untilInterrupted(io, runDemo);
}

/** Runs a demo, which a signal ends; that is a success. */
export async function untilInterrupted(io: Io, run: (options: DemoOptions) => Promise<void>): Promise<number> {
  const logger = createLogger({ level: 'warn', format: 'auto', destination: io.stderr });
  return await interruptible({ io, logger }, async (signal) => {
    await run({ ...io, signal });
    return EXIT.ok;
  });
}

/**
 * Makes a storage, crawls it and serves it until the signal aborts; then everything is stopped and the files are
 * removed. Throws OvadexError `usage` if an optional package is missing, `storage` if the first crawl fails, and an
 * AbortError if aborted before it serves.
 */
async function runDemo(options: DemoOptions): Promise<void> {
  const narrator = createNarrator(options.stdout, options.stdout.isTTY === true);
  narrator.preparing();
  const storage = await prepareDemo(() => randomBytes(12).toString('hex'), options.signal);
  try {
    await serveDemo(storage, narrator, options);
  } finally {
    await storage.close();
  }
}

async function serveDemo(storage: Demo, narrator: Narrator, options: DemoOptions): Promise<void> {
  const { stdout, stderr, signal, env } = options;
  const listenPort = await preferPort(USUAL_PORT);
  const configFile = await writeDemoConfig(storage, listenPort);
  const { config, files: named } = await checkConfig(configFile);
  const logger = createDemoLogger(config, stderr);
  narrator.storage(storage);

  narrator.crawlStarts();
  const progress = createSyncProgress(stdout);
  const syncs = await crawlAll(config, logger, signal, progress.update).finally(progress.end);
  narrator.crawlEnded(syncs);

  const [{ user, directory, password }] = storage.spaces;
  const syncId = syncs.find((sync) => sync.user === user)?.id ?? 0;
  const tokens = await issueTokens(config, user);
  const failure = new AbortController();
  const app = createApp(config, {
    logger,
    configFile: { path: configFile, named },
    examine: async (...of) => (await import('../../doctor/at-hand.js')).examineAtHand(...of),
    onFailure: (error) => failure.abort(error),
  });
  try {
    const { url: apiUrl } = await app.start();
    const takenPort = listenPort === USUAL_PORT ? null : USUAL_PORT;
    const shell = { program: programWords(process.cwd()), formatter: jsonFormatter(env['PATH']) };
    const guide = guideOf({ apiUrl, user, directory, syncId, configFile, ...tokens, ...shell });
    narrator.api({ url: apiUrl, takenPort, configFile, signIn: { user, password } }, guide);
    await whenAborted(AbortSignal.any([signal, failure.signal]));
    narrator.stopping();
  } finally {
    await app.stop();
  }
  failure.signal.throwIfAborted();
}

/** On a terminal each entry takes one line, since it appears among the suggestions. */
function createDemoLogger({ log }: Config, stderr: Io['stderr']): Logger {
  if (stderr.isTTY !== true) return createLogger({ ...log, destination: stderr });
  const destination = { write: (line: string) => void stderr.write(demoLogLine(line)) };
  return createLogger({ ...log, format: 'json', destination });
}

async function crawlAll(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
  onProgress: (sync: Sync) => void,
): Promise<readonly Sync[]> {
  const crawler = await createCrawler(config, { logger });
  try {
    const syncs = await crawler.syncNow({ users: 'all', mode: 'full', signal, onProgress });
    signal.throwIfAborted(); // an aborted sync waits to be resumed, which never happens here
    for (const { user, status, errors, warnings } of syncs) {
      if (status === 'PROCESSED' && warnings.length === 0) continue;
      throw new OvadexError(
        'storage',
        `the first crawl of "${user}": ${status}: ${[...errors, ...warnings].join('; ')}`,
      );
    }
    return syncs;
  } finally {
    await crawler.stop();
  }
}

/** Issues the tokens of a user and of an administrator. */
export async function issueTokens(config: Config, user: string): Promise<{ token: string; adminToken: string }> {
  const index = await openIndex(config);
  try {
    const expiresAt = Date.now() + TOKEN_LIFE_MS;
    const own = await index.authority.issue({ user, scopes: [], expiresAt });
    const admin = await index.authority.issue({ user: 'admin', scopes: ['admin'], expiresAt });
    return { token: own.token, adminToken: admin.token };
  } finally {
    await index.close();
  }
}
