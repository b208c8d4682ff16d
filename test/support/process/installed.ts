import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

/** Daemons live in sbin, which is not on every user's PATH. */
const DAEMON_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin'];

/** Where a program is installed, or null. */
export function findProgram(name: string): string | null {
  const directories = [...(process.env['PATH'] ?? '').split(':'), ...DAEMON_DIRECTORIES];
  return directories.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}

/**
 * Defines tests that need something installed on the machine. Each entry of
 * `missing` says what is not there (null: it is): then one skipped test stands
 * for them all and carries the reason, but where CI is set it fails.
 */
export function describeInstalled(title: string, missing: readonly (string | null)[], define: () => void): void {
  const reasons = missing.filter((reason) => reason !== null);
  if (reasons.length === 0) {
    describe(title, define);
    return;
  }
  const reason = reasons.join('; ');
  describe(title, () => {
    it(`needs ${reason}`, (context) => {
      if (process.env['CI']) throw new Error(`CI runs every interop test, but this machine lacks ${reason}`);
      context.skip(reason);
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return false;
  }
}
