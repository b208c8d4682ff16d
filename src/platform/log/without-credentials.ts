const HIDDEN = '[hidden]';
/** Credentials in a URL: `https://jm:secret@host/`. */
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*:[^\s@"']*@/gi;
/** Credentials in a header after the name of the scheme; a shorter word is part of a sentence. */
const SCHEME = /\b(basic|bearer|digest|negotiate|ntlm|token)(\s+|%20)(?!auth|realm|token)([\w+/=.~-]{8,})/gi;
/** A header such as `Cookie: a=b; c=d`, to the end of its line. */
const HEADER =
  /(["']?\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:key|token|secret))["']?\s*[=:]\s*)[^\r\n]+/gi;
/** A named secret: `"password": "secret"`, `?token=secret`; text that continues as a sentence is about the key. */
const NAMED =
  /(["']?\b(?:password|passphrase|passwd|secret|api[_-]?key|(?:access_|refresh_|id_)?token)["']?\s*[=:]\s*)(?!(?:must|is|not|expected|invalid|required|unknown)\b)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s&"']+)/gi;
/** A JSON Web Token, wherever it appears. */
const JWT = /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g;

/**
 * Removes everything from a text that looks like a credential. It can't recognise all of them, so text from storages is
 * blotted beforehand.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(USER_INFO, `$1${HIDDEN}@`)
    .replace(JWT, HIDDEN)
    .replace(HEADER, `$1${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
    .replace(SCHEME, `$1$2${HIDDEN}`);
}
