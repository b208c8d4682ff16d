import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OvadexError } from '../../domain/model/errors.js';
import { PLACES } from '../../platform/service/service-files.js';
import {
  installService,
  type ServiceOptions,
  type Step,
  uninstallService,
} from '../../platform/service/service-install.js';
import { VERSION } from '../../platform/version.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';

export interface ServiceCommandOptions {
  readonly prefix?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../config/ovadex.example.yaml', import.meta.url));
/** Folders that the unit's ProtectHome= and PrivateTmp= hide. */
const HIDDEN = /^\/(home|root|run\/user|tmp|var\/tmp)\//;
/** Creating an account and reading units take a moment; a service manager that hangs must not block forever. */
const RUN_WITHIN_MS = 90_000;

/** `ovadex service install`: installs what systemd needs to run the daemon and reports what it did; starts nothing. */
export async function installCommand(options: ServiceCommandOptions, io: Io): Promise<number> {
  const settings = settingsOf(options);
  const steps = await installService(settings);
  const warnings = settings.program
    .filter((path) => HIDDEN.test(path))
    .map((path) => `${path}: the service cannot see this path; install the program elsewhere, such as in /opt`);
  const next = [
    `fill in ${PLACES.configuration}; every key: ${EXAMPLE}`,
    `ovadex config check --config ${PLACES.configuration} --online`,
    'systemctl enable --now ovadex.service',
    'systemctl enable --now ovadex.socket, to queue connections during restarts',
  ];
  report({ steps, warnings, next }, options, io);
  return EXIT.ok;
}

/** `ovadex service uninstall`: stops the service and removes what `install` wrote; configuration and data are kept. */
export async function uninstallCommand(options: ServiceCommandOptions, io: Io): Promise<number> {
  const steps = await uninstallService(settingsOf(options));
  report({ steps, warnings: [], next: [] }, options, io);
  return EXIT.ok;
}

function settingsOf({ prefix, dryRun = false }: ServiceCommandOptions): ServiceOptions {
  return {
    root: prefix === undefined ? '/' : rootAt(prefix),
    isDryRun: dryRun,
    program: [process.execPath, MAIN],
    version: VERSION,
    isRoot: process.getuid?.() === 0,
    run: runProgram,
  };
}

/** Resolves links: a link to `/` means this machine, too. */
function rootAt(prefix: string): string {
  return existsSync(prefix) ? realpathSync(prefix) : resolve(prefix);
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: RUN_WITHIN_MS });
  } catch (error) {
    const what = [program, ...args].join(' ');
    const why = error instanceof Error ? error.message.trim() : String(error);
    // Files written before stay, so the command ends with the code for incomplete work.
    throw new OvadexError('conflict', `${what} failed; fix it and run this again: ${why}`, {
      cause: error,
    });
  }
}

interface Report {
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  /** Commands that the administrator runs next. */
  readonly next: readonly string[];
}

function report({ steps, warnings, next }: Report, { dryRun = false, json = false }: ServiceCommandOptions, io: Io) {
  if (json) {
    // `dryRun` is deprecated: keys have underscores everywhere else.
    writeJson(io.stdout, { dry_run: dryRun, dryRun, steps, warnings, next });
    return;
  }
  if (dryRun) writeLines(io.stdout, 'Nothing is written or run (--dry-run). Without it:');
  const lines = steps.map(({ what, done, note }) => {
    return `${done.padEnd('unchanged'.length)}  ${what}${note === undefined ? '' : ` (${note})`}`;
  });
  writeLines(io.stdout, ...lines);
  writeLines(io.stderr, ...warnings.map((warning) => `warning: ${warning}`));
  if (next.length > 0) writeLines(io.stdout, '', 'Next:', ...next.map((line) => `  ${line}`));
}
