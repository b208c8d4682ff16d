/** What no answer may tell of the machine behind it, and a word for it. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\n?\s+at (?:async )?(?:[\w.<>]+ \()?(?:node:|file:|\/)[^\s)]+:\d+:\d+/, 'a line of a stack'],
  [/\bnode:(?:internal|fs|net|events|http)\b|\bnode_modules\b|\.(?:ts|js):\d+:\d+/, 'a place in the code'],
  [/\b(?:SQLITE_[A-Z]+|SqliteError|better-sqlite3)\b/, 'a word of SQLite'],
  [/\b(?:SELECT|DELETE)\b[^"]{1,200}\bFROM\b|\bINSERT INTO\b|\bUPDATE \w+ SET\b|\bPRAGMA \w+/, 'SQL'],
  [/(?:^|[\s"'(=:])\/(?:etc|home|opt|root|srv|tmp|usr|var|run|proc)\/[\w.-]/, 'a path of the machine'],
  [/\b(?:ENOENT|EACCES|EPERM|ENOSPC|EMFILE)\b/, 'an error of the system'],
  [/\bovadex\.db\b|\btoken\.key\b/, 'a file of the daemon'],
];

/** Where the daemon keeps things, and what the system says of them: administrators may know. */
const FOR_ADMINISTRATORS = new Set(['a path of the machine', 'an error of the system', 'a file of the daemon']);

/** What a text tells of the machine; null where it tells nothing that whoever reads it may not know. */
export function tellingIn(text: string, isForAdministrators = false): string | null {
  for (const [pattern, what] of TELLING) {
    if (isForAdministrators && FOR_ADMINISTRATORS.has(what)) continue;
    const found = pattern.exec(text);
    if (found !== null) return `${what}: "${found[0].trim()}"`;
  }
  return null;
}
