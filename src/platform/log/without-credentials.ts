const HIDDEN = '[hidden]';
/** `https://jm:secret@host/` */
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*:[^\s@"']*@/gi;
/** What stands in a header behind the name of its scheme; a shorter word is one of a sentence. */
const SCHEME = /\b(basic|bearer|digest|negotiate|ntlm|token)(\s+|%20)(?!auth|realm|token)([\w+/=.~-]{8,})/gi;
/** `Cookie: a=b; c=d`, to the end of its line. */
const HEADER =
  /(["']?\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:key|token|secret))["']?\s*[=:]\s*)[^\r\n]+/gi;
/** `"password": "secret"`, `?token=secret`; what goes on as a sentence tells of the key. */
const NAMED =
  /(["']?\b(?:password|passphrase|passwd|secret|api[_-]?key|(?:access_|refresh_|id_)?token)["']?\s*[=:]\s*)(?!(?:must|is|not|expected|invalid|required|unknown)\b)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s&"']+)/gi;
/** A JSON web token, wherever it stands. */
const JWT = /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g;

/** A text without what has the form of a credential. It can't know all of them: what comes from a storage is blotted before. */
export function withoutCredentials(text: string): string {
  return text
    .replace(USER_INFO, `$1${HIDDEN}@`)
    .replace(JWT, HIDDEN)
    .replace(HEADER, `$1${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
    .replace(SCHEME, `$1$2${HIDDEN}`);
}
