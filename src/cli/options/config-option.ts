import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { OvadexError } from '../../domain/model/errors.js';
import type { Environment } from '../../platform/service/notify.js';

/** Where the package and `ovadex service install` put the configuration. */
export const USUAL_CONFIG = '/etc/ovadex/ovadex.yaml';

/** The command that writes a configuration. */
const MAKER = 'init';
/** The commands that read a configuration only for a user's space. */
const OF_FILES: ReadonlySet<string> = new Set(['inspect', 'verify']);
/** The environment variable that names the configuration for every command. */
export const CONFIG_VARIABLE = 'OVADEX_CONFIG';

/** The `--config` option of a command: flags, description and default. */
export type ConfigOption = readonly [flags: string, description: string, byDefault: string];

export function configOption(env: Environment): ConfigOption {
  return [
    '--config <file>',
    `configuration file (YAML); else $${CONFIG_VARIABLE}, else ${USUAL_CONFIG}`,
    defaultConfig(env),
  ];
}

/** An empty variable names no file. */
function defaultConfig(env: Environment): string {
  return env[CONFIG_VARIABLE] || USUAL_CONFIG;
}

/** Throws OvadexError `config` if no configuration is named and there is none in the usual place. */
export function requireNamedConfig(command: Command, env: Environment): void {
  if (command.getOptionValueSource('config') !== 'default' || command.name() === MAKER) return;
  if (OF_FILES.has(command.name()) && command.getOptionValue('user') === undefined) return;
  const file = defaultConfig(env);
  if (!isMissing(file)) return;
  const place =
    file === env[CONFIG_VARIABLE] ? `$${CONFIG_VARIABLE} names ${file}, which is not there` : `there is no ${file}`;
  throw new OvadexError(
    'config',
    `${place}; name the configuration with --config FILE or in the variable ${CONFIG_VARIABLE}, or make one with "ovadex ${MAKER}"`,
  );
}

/** Returns true only if the file doesn't exist; any other obstacle is reported when it is read. */
function isMissing(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
  }
}
