import { lstatSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CREDENTIALS_FOLDER, type FirstAnswers, firstConfiguration, firstPlace } from '../../config/first-config.js';
import { checkConfig } from '../../config/load.js';
import type { tryStorage } from '../../doctor/try-storage.js';
import { OvadexError } from '../../domain/model/errors.js';
import { createLogger } from '../../platform/log/logger.js';
import { makeNewFolder, type Owner, writeNewFile } from '../../platform/private-file.js';
import { PLACES } from '../../platform/service/service-files.js';
import { accountIn } from '../../platform/service/service-install.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { USUAL_CONFIG } from '../options/config-option.js';
import { answersFrom, askAnswers } from '../options/init-answers.js';
import type { GivenAnswers, InitOptions } from '../options/init-options.js';
import { nextcloudSteps } from '../options/nextcloud-steps.js';
import { type Ask, createAsk, type Keyboard } from '../terminal/ask.js';
import { EXIT } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, printable, writeLines } from '../terminal/io.js';

/** After this many failed attempts, reading the manual helps more than another question. */
const MOST_TRIES = 5;
const SECRET_NAME = 'dav.secret';

/**
 * `ovadex init`: writes a first configuration from flags or from questions on a terminal. It is tried against the
 * storage before it is kept, and nothing is overwritten. Throws OvadexError `conflict` if one exists already, and
 * `storage` if the storage rejects it.
 */
export async function init(options: InitOptions, io: Io, attempt: typeof tryStorage): Promise<number> {
  const file = resolve(options.config);
  requireNothingAt(file);
  const logger = createLogger({ level: 'error', format: 'auto', destination: io.stderr });
  const keyboard = io.stdin?.();
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const context = { file, options, io, attempt, signal };
    const isAsked = keyboard?.isTTY === true && io.stderr.isTTY === true;
    const given = isAsked ? await askAndWrite(keyboard, context) : await writeTried(answersFrom(options), context);
    tellNext(file, given, io);
    return EXIT.ok;
  });
}

interface Context {
  readonly file: string;
  readonly options: InitOptions;
  readonly io: Io;
  readonly attempt: typeof tryStorage;
  readonly signal: AbortSignal;
}

/** Reports a mistake and asks again. */
async function askAndWrite(keyboard: Keyboard, context: Context): Promise<GivenAnswers> {
  const { options, io, signal } = context;
  const ask: Ask = createAsk(keyboard, io.stderr, signal);
  try {
    let given: GivenAnswers | null = null;
    for (let tries = 1; ; tries++) {
      try {
        given = await askAnswers(ask, options, given);
        return await writeTried(given, context);
      } catch (error) {
        const isMendable = error instanceof OvadexError && ['usage', 'config', 'storage'].includes(error.code);
        if (!isMendable || tries === MOST_TRIES || ask.isOver()) throw error;
        writeLines(
          io.stderr,
          '',
          printable(error.message.split('\n').join('; ')),
          'Please try again; Enter keeps the previous answer.',
          '',
        );
      }
    }
  } finally {
    ask.close();
  }
}

async function writeTried(given: GivenAnswers, { file, options, io, attempt, signal }: Context): Promise<GivenAnswers> {
  const secretPath = join(dirname(file), SECRET_NAME);
  const secretFile = given.secret === null ? given.secretFile : SECRET_NAME;
  const answers: FirstAnswers = { ...given, secretFile, dataDirectory: options.data ?? usualData(file) };
  firstPlace(answers); // before anything is written
  if (given.secret !== null) requireNothingAt(secretPath);
  const owners = ownersOf(file);
  const written: string[] = [];
  const folder = given.nextcloud === 'credentials' ? join(dirname(file), CREDENTIALS_FOLDER) : null;
  const isNewFolder = folder !== null && makeNewFolder(folder, owners.secret);
  const write = (path: string, content: string, mode: number, owner: Owner) => {
    writeNewFile(path, content, { mode, owner });
    written.push(path);
  };
  try {
    if (given.secret !== null) write(secretPath, `${given.secret}\n`, 0o600, owners.secret);
    write(file, firstConfiguration(answers), 0o640, owners.configuration);
    const { config } = await checkConfig(file);
    if (options.offline !== true) {
      writeLines(io.stderr, 'asking the storage ...');
      const trouble = await attempt(config, signal);
      signal.throwIfAborted();
      if (trouble !== null) throw new OvadexError('storage', `${trouble}; nothing was written`);
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    if (isNewFolder) rmdirSync(folder);
    throw error;
  }
  writeLines(io.stdout, ...written.map((path) => `written: ${printable(path)}`));
  return given;
}

function requireNothingAt(file: string): void {
  // A dangling link counts as a file, too.
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  throw new OvadexError(
    'conflict',
    `${file}: file exists; not overwritten. Move it away, or name another one with --config`,
  );
}

/** Files of the service must be readable by its account. */
function ownersOf(file: string): { readonly configuration: Owner; readonly secret: Owner } {
  const isService = dirname(file) === PLACES.configurationDirectory && process.getuid?.() === 0;
  const account = isService ? accountIn('/') : null;
  return { configuration: account && { uid: 0, gid: account.gid }, secret: account };
}

function usualData(file: string): string {
  return dirname(file) === PLACES.configurationDirectory ? PLACES.dataDirectory : join(dirname(file), 'data');
}

function tellNext(file: string, { users, nextcloud }: GivenAnswers, io: Io): void {
  const config = file === USUAL_CONFIG || file === io.env['OVADEX_CONFIG'] ? '' : ` --config ${quote(file)}`;
  const who = quote(users[0] ?? 'USER');
  writeLines(
    io.stdout,
    'next:',
    ...nextcloudSteps(nextcloud, quote(join(dirname(file), CREDENTIALS_FOLDER))).map((line) => `  ${line}`),
    `  ovadex sync --all${config}`,
    `  ovadex images --user ${who}${config}`,
    `  ovadex token create --user ${who}${config}`,
    file === USUAL_CONFIG ? '  systemctl enable --now ovadex.service' : `  ovadex serve${config}`,
  );
}

/** Quotes a word for a shell, if it needs that. */
function quote(text: string): string {
  return /^[\w./@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
