import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { troubleOfFolder } from '../../config/fields/data-directory.js';
import { OvadexError } from '../../domain/model/errors.js';

/**
 * Creates the data directory, closed to others, if it is missing. Throws OvadexError `index` if it can't be created.
 * Creates one folder after the other, because Node's recursive mkdir never returns below /proc.
 */
export function makeDataDirectory(directory: string): void {
  const trouble = troubleOfFolder(directory);
  if (trouble !== null) throw new OvadexError('index', `data.directory: ${trouble}`);
  try {
    make(directory);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('index', `data.directory: ${directory} can't be created: ${error.message}`, { cause: error });
  }
}

/** Whether there is certainly no such file. One that this account can't look at may be there: whoever opens it is told why not. */
export function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return false;
  }
}

function make(directory: string): void {
  if (existsSync(directory)) return;
  make(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o750 });
  } catch (error) {
    // Another process may have just created it.
    if (!existsSync(directory)) throw error;
  }
}
