import { createRequire } from 'node:module';

/** The version of better-sqlite3 that replaces the lock file's on Node 24 and later; `config/node-24` pins it. */
export const LATER_BINDING = '13.2.0';
/**
 * From this major version of Node on, better-sqlite3 12, which uses ObjectWrap, crashes the process when statements are
 * garbage-collected (WiseLibs/better-sqlite3#1515); 13 uses Node-API.
 */
const ENDED_FROM = 24;
/** better-sqlite3 13 needs the Node-API of this major version; on an earlier one its first call crashes the process. */
const LATER_FROM = 22;

/** Whether a version of Node, such as 24 or 24.1.0, needs the later binding. */
export function isForLaterBinding(node: string): boolean {
  return majorOf(node) >= ENDED_FROM;
}

/**
 * Explains why a version of Node can't run with a version of better-sqlite3, and what to do about it; null if it can.
 * An incompatible pair crashes sooner or later without any message.
 */
export function whyUnfit(node: string, binding: string): string | null {
  const isLater = majorOf(binding) >= majorOf(LATER_BINDING);
  if (isForLaterBinding(node) && !isLater) {
    return (
      `Node ${node} can't run with better-sqlite3 ${binding}, which crashes it now and then; put ${LATER_BINDING} ` +
      `in its place: npm ci && npm install --no-save better-sqlite3@${LATER_BINDING}`
    );
  }
  if (majorOf(node) < LATER_FROM && isLater) {
    return (
      `Node ${node} can't run with better-sqlite3 ${binding}, which is for Node ${LATER_FROM} and later; put the one of ` +
      'package-lock.json in its place: npm ci'
    );
  }
  return null;
}

/** The version of better-sqlite3 installed with this program. */
export function installedBinding(): string {
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string };
  return version;
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
