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
/** The unit's ProtectHome= and PrivateTmp= hide them. */
const HIDDEN = /^\/(home|root|run\/user|tmp|var\/tmp)\//;
/** Creating an account and reading units take a moment; a manager that hangs is no reason to wait for ever. */
const RUN_WITHIN_MS = 90_000;

/** `ovadex service install`: what systemd needs to run the daemon; says what it did, and starts nothing. */
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

/** `ovadex service uninstall`: ends the service and removes what `install` wrote; configuration and data stay. */
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

/** A link to `/` means this machine, too. */
function rootAt(prefix: string): string {
  return existsSync(prefix) ? realpathSync(prefix) : resolve(prefix);
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: RUN_WITHIN_MS });
  } catch (error) {
    const what = [program, ...args].join(' ');
    const why = error instanceof Error ? error.message.trim() : String(error);
    // What was written before it stays: the command ends as one that left something as it was.
    throw new OvadexError('conflict', `${what} failed; fix it and run this again: ${why}`, {
      cause: error,
    });
  }
}

interface Report {
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  /** What is left to do. */
  readonly next: readonly string[];
}

function report({ steps, warnings, next }: Report, { dryRun = false, json = false }: ServiceCommandOptions, io: Io) {
  if (json) {
    writeJson(io.stdout, { dryRun, steps, warnings, next });
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
