/**
 * Whether a storage was restored from a backup since it was last looked at, by its fingerprint, which an administrator
 * changes after that; null: unknown. Files may be missing then that are on their way back.
 */
export function isAnotherFingerprint(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}
