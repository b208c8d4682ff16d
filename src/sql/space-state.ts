/** `stateOf` in SQL; tests compare them. `staleBefore` is the parameter or column with the time before which a success is too old. */
export function stateSql(staleBefore: string): string {
  return `CASE
    WHEN trouble_kind = 'unauthorized' THEN 'suspended'
    WHEN held_removals IS NOT NULL THEN 'held'
    WHEN trouble_kind = 'failed' THEN 'failing'
    WHEN last_sync_at IS NULL THEN 'pending'
    WHEN trouble_kind = 'incomplete' OR coalesce(last_success_at, 0) < ${staleBefore} THEN 'stale'
    ELSE 'fresh'
  END`;
}
