/** What a name leads to: the number of a file, which no other file has while that one is open; null if nothing. */
export type FileIdentity = string | null;

/** The files that an open index consists of, and the folder that they lie in. */
export interface IndexFiles {
  readonly directory: FileIdentity;
  readonly index: FileIdentity;
  readonly log: FileIdentity;
  /** The file through which its readers and writers share the log. */
  readonly shared: FileIdentity;
}

/** The open index is no longer what its names lead to: a program that opens it now gets something else. */
export interface Displacement {
  /** What has happened, without naming a path. */
  readonly what: string;
  /**
   * What saves the most without writing to two indexes. `checkpoint`: nobody has opened the index since, so the log is
   * written into it. `copy`: the file no longer has a name, so a copy of it is kept. `nothing`: everything lies where
   * it was moved to, or another program has taken over there, and it is not touched again.
   */
  readonly rescue: 'checkpoint' | 'copy' | 'nothing';
  /** Its log still lies under the name where SQLite would take it for the log of another index. */
  readonly isLogLeft: boolean;
}

/**
 * Compares what was opened as the index with what its names lead to now. The folder alone proves nothing: its number
 * may change on a file system without lasting ones, while those of open files can't.
 */
export function displacementOf(own: IndexFiles, now: IndexFiles): Displacement | null {
  if (now.index !== own.index) {
    if (now.directory !== own.directory) return about(`the data directory ${gone(now.directory, 'moved')}`, 'nothing');
    const isLogLeft = now.log !== null && now.log === own.log;
    return { ...about(`the index ${gone(now.index, 'renamed')}`, 'copy'), isLogLeft };
  }
  if (now.log === null && own.log !== null) return about('the write-ahead log was removed', 'checkpoint');
  if (differs(own.log, now.log)) {
    return about('the write-ahead log was replaced: another program has opened the index', 'nothing');
  }
  // Everything that was committed is in the log, where the next program to open the index finds it, as after a kill.
  if (differs(own.shared, now.shared)) {
    return about("the index's shared memory file was removed or replaced", 'nothing');
  }
  return null;
}

function about(what: string, rescue: Displacement['rescue']): Displacement {
  return { what, rescue, isLogLeft: false };
}

function gone(now: FileIdentity, how: string): string {
  return now === null ? `was ${how} or deleted` : 'was replaced';
}

/** Whether a file was replaced or removed; false for one that did not exist, as some are created on first use. */
function differs(own: FileIdentity, now: FileIdentity): boolean {
  return own !== null && now !== own;
}
