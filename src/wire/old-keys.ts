import type { SyncJson } from './sync.js';
import type { TokenJson } from './token.js';

/**
 * Returns facts of a sync under the keys that `ovadex sync --json` had before it used those of the API. Deprecated: the
 * next release drops them.
 */
export function oldSyncKeys({ username, changed, deleted, expected_collections, message }: SyncJson) {
  return {
    user: username,
    altered: changed,
    removed: deleted,
    expected: expected_collections,
    errors: message.errors,
    warnings: message.warnings,
  };
}

/**
 * Returns facts of a token under the keys that `ovadex token --json` had before it used those of the API. Deprecated:
 * the next release drops them.
 */
export function oldTokenKeys({ is_log_in, last_access }: TokenJson) {
  return { log_in: is_log_in, last_used_on: last_access };
}
