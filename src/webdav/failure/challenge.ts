/** One authentication method that a server offers (RFC 9110 11.3). */
export interface AuthChallenge {
  /** The scheme in lower case. */
  readonly scheme: string;
  /** Parameters by lower-case name; the first of duplicates counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const SCHEME = new RegExp(`[\\s,]*(${TOKEN})(?=[\\s,]|$)[ \\t]*`, 'y');
const PARAMETER = new RegExp(`[\\s,]*(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`, 'sy');
/** An opaque text in place of parameters, as in `Negotiate YII=`. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;

/**
 * Parses WWW-Authenticate headers, each with one or several challenges. An unreadable part ends its header; the
 * challenges before it count.
 */
export function parseChallenges(headers: readonly string[]): AuthChallenge[] {
  return headers.flatMap(parseHeader);
}

function parseHeader(header: string): AuthChallenge[] {
  const challenges: AuthChallenge[] = [];
  let position = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const match = pattern.exec(header);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };

  for (let scheme = take(SCHEME); scheme !== null; scheme = take(SCHEME)) {
    const parameters = new Map<string, string>();
    take(TOKEN68);
    for (let match = take(PARAMETER); match !== null; match = take(PARAMETER)) {
      const name = (match[1] ?? '').toLowerCase();
      if (!parameters.has(name)) parameters.set(name, match[3] ?? unescaped(match[2] ?? ''));
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
  }
  return challenges;
}

/** Unescapes the text of a quoted string (RFC 9110 5.6.4). */
function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
