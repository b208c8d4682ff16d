/** One fact and its word on each surface; a surface that isn't named says nothing of it. */
export interface Fact {
  /** The key in JSON, of API and commands alike. */
  readonly json: string;
  /** Where it is another one than the JSON's in camel case, or where log lines have it at all. */
  readonly log?: string;
  /** A metric, or one of its labels. */
  readonly metric?: string;
}

/** What is told of a sync on more than one surface. */
export const FACTS_OF_SYNCS: readonly Fact[] = [
  { json: 'id', log: 'sync' },
  { json: 'username', log: 'user' },
  { json: 'mode', log: 'mode', metric: 'ovadex_syncs_total{mode}' },
  { json: 'status', log: 'status' },
  { json: 'added', log: 'added', metric: 'ovadex_image_changes_total{change="added"}' },
  { json: 'changed', log: 'changed', metric: 'ovadex_image_changes_total{change="changed"}' },
  { json: 'deleted', log: 'deleted', metric: 'ovadex_image_changes_total{change="deleted"}' },
  { json: 'images', log: 'images', metric: 'ovadex_images' },
  { json: 'collections', log: 'collections', metric: 'ovadex_collections' },
  { json: 'failures', log: 'failures' },
  { json: 'requests', log: 'requests', metric: 'ovadex_storage_requests_total' },
  { json: 'errors', log: 'errors' },
  { json: 'warnings', log: 'warnings' },
];

/** What is told of a space on more than one surface. */
export const FACTS_OF_SPACES: readonly Fact[] = [
  { json: 'state', metric: 'ovadex_spaces{state}' },
  { json: 'waiting_images', metric: 'ovadex_images_by_state{state="unknown"}' },
  { json: 'incomplete_images', metric: 'ovadex_images_by_state{state="incomplete"}' },
  { json: 'broken_images', metric: 'ovadex_images_by_state{state="broken"}' },
  { json: 'held_removals', log: 'heldRemovals', metric: 'ovadex_held_images' },
  { json: 'age_seconds', metric: 'ovadex_list_age_seconds' },
  { json: 'expected_age_seconds', metric: 'ovadex_list_expected_age_seconds' },
  { json: 'next_sync_on', log: 'nextSyncOn' },
  { json: 'mismatches', log: 'mismatches', metric: 'ovadex_marker_mismatches_total' },
  { json: 'search_misses', log: 'searchMisses', metric: 'ovadex_search_misses_total' },
  { json: 'search_trouble', log: 'searchTrouble' },
  // What markers were seen to prove: in JSON in one word, in the log each by itself.
  { json: 'pruning', log: 'names' },
  { json: 'pruning', log: 'subtree' },
];

/** What the commands say in JSON and the API doesn't, and what it means. */
export const WORDS_OF_COMMANDS: Readonly<Record<string, string>> = {
  result: 'how a sync ended, in one word',
  disabled_on: 'when a token was disabled',
  revoked_on: 'when a token was revoked',
  left_on: "when a user's space was first seen to be missing from the configuration",
  links: 'storages that users have connected, or how many',
  linked: 'how many users have connected their storage',
  readable: 'whether a key opens the app password of a link',
  unreadable: 'links whose app password no key opens',
  left_in: 'the file from which an administrator has to remove the former keys',
  departed: 'users who are no longer configured',
  behind: 'spaces of which a webhook does not know everything yet',
  attempts: 'how often a message was sent in vain',
  waiting_since: 'when the message was made that a webhook has to take next',
  next_attempt_on: 'when it is sent again',
  taken: 'whether a webhook took a message',
  hosts: 'storage hosts, by their origin',
  origin: 'scheme, host and port of a storage',
  in_trouble: 'spaces whose last sync failed, or that are suspended',
  since: 'when trouble began',
  held_spaces: 'spaces in which removals are held',
  held_images: 'images whose removal is held, in all spaces',
  all_whole_since: 'when the space that has waited longest was last listed in full',
  never_whole: 'spaces that were never listed in full',
  last_full_on: 'when the last full sync ended',
  daemon: 'the daemon, as it answers',
  address: 'where the API listens',
  ready: 'whether the daemon is ready',
  exit_code: 'what the command ends with',
  source: 'the copy that was restored, or the index that was copied',
  target: 'where an index was copied to',
  resumed: 'whether a copy went on with one that was broken off',
  finished: 'whether a copy is an index that daemons can open',
  tables: 'what an index consists of',
  rows: 'how many of a table were compared and are the same on both sides',
  replaced: 'the file that the previous index is kept in',
  copy: 'the copy from before a migration',
  newest_schema: 'the version that this program brings the schema to',
  to: 'the version of the schema after',
  applied: 'the migrations that were applied',
  removed: 'older copies that were removed',
  left: 'older copies that could not be removed',
  uncounted: 'copies with an impossible time in their names',
  dry_run: 'whether nothing was done but shown',
  steps: 'what was done, one by one',
  what: 'what a step is about',
  done: 'what a step did',
  note: 'a remark on a step',
  next: 'what is left to do',
  read: 'what reading an image took: requests and bytes',
  bytes: 'how many bytes were read',
  manifest: 'the file with the sums of an image',
  algorithm: 'how a sum is made: sha1, sha256, sha384 or sha512',
  expected_sum: 'the sum that a manifest has',
  actual_sum: 'the sum that a file has',
};

/** Keys of earlier releases that stay beside the present ones for this release, by command. */
export const OLD_KEYS: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(
  Object.entries({
    sync: {
      user: 'username',
      altered: 'changed',
      removed: 'deleted',
      expected: 'expected_collections',
      errors: 'message.errors',
      warnings: 'message.warnings',
    },
    'token create': { log_in: 'is_log_in', last_used_on: 'last_access' },
    'token list': { log_in: 'is_log_in', last_used_on: 'last_access' },
    status: { bytes: 'size' },
    'service install': { dryRun: 'dry_run' },
    'service uninstall': { dryRun: 'dry_run' },
  } satisfies Record<string, Record<string, string>>),
);
