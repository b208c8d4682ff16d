import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { troubleOfFolder } from '../config/fields/data-directory.js';
import { OvadexError } from '../domain/model/errors.js';

/**
 * Makes the data directory, closed to others, where it isn't there. Throws OvadexError `index` where it can't be
 * made. One folder after the other: below /proc the recursive way of Node never ends.
 */
export function makeDataDirectory(directory: string): void {
  const trouble = troubleOfFolder(directory);
  if (trouble !== null) throw new OvadexError('index', `data.directory: ${trouble}`);
  try {
    make(directory);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('index', `data.directory: ${directory} can't be made: ${error.message}`, { cause: error });
  }
}

function make(directory: string): void {
  if (existsSync(directory)) return;
  make(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o750 });
  } catch (error) {
    // Another process has made it at this moment.
    if (!existsSync(directory)) throw error;
  }
}
