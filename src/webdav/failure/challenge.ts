/** One way that a server offers to be told who asks (RFC 9110 11.3). */
export interface AuthChallenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case; of one that stands twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const SCHEME = new RegExp(`[\\s,]*(${TOKEN})(?=[\\s,]|$)[ \\t]*`, 'y');
const PARAMETER = new RegExp(`[\\s,]*(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`, 'sy');
/** `Negotiate YII=`: an opaque text instead of parameters. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;

/**
 * The challenges of WWW-Authenticate headers, several in one or one in each. What can't be read ends its header: the
 * challenges in front of it count.
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

/** Of a quoted string's text (RFC 9110 5.6.4). */
function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
