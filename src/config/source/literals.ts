import { USER_PLACEHOLDER } from '../../domain/model/user-auth.js';
import type { KeyPath } from './document.js';

/**
 * A pattern of text that looks like a variable or template but is never expanded: taken literally, it would be a folder
 * named `${DATA_DIR}`, or a password that is sent, refused, and counted towards a lock-out.
 */

const VARIABLE = /\$\{[^}]*\}?/;
/** `{user}`, `{env.NAME}`; `{a,b}` is a choice to a glob. */
const PLACEHOLDER = /\{\s*[A-Za-z_][\w.-]*\s*\}/g;
/** A text that is entirely a placeholder, as in template engines and other servers. */
const TEMPLATE = /^\s*\{\{?[^{}]+\}?\}\s*$/;
/** `$HOME` or `$USER` as one whole segment; `$RECYCLE.BIN` is a folder's name. */
const SHELL_SEGMENT = /(?:^|\/)(\$[A-Za-z_]\w*)(?=\/|$)/;
/** A shell variable in a URL; in the path a lower-case one may well be a name. */
const SHELL_IN_URL = /^[Hh][Tt]{2}[Pp][Ss]?:\/\/[^/]*\$|\/\$[A-Z_][A-Z0-9_]*(?=\/|$)/;
const CREDENTIALS = /^\$\{CREDENTIALS_DIRECTORY\}\//;

const PATH_KEYS = new Set<PropertyKey>(['directory', 'watch', 'include', 'credentials']);
const FILE_KEYS = new Set<PropertyKey>(['passwordFile', 'tokenFile', 'ca', 'certificate', 'key', 'keyPassphraseFile']);
const LISTEN_KEYS = new Set<PropertyKey>(['listen', 'metricsListen']);
const URL_KEYS = new Set<PropertyKey>(['url', 'discover', 'ocs', 'publicUrl', 'issuer', 'jwksUrl']);

/** The purpose of a text in the configuration, as far as it matters here. */
type Use = 'path' | 'file' | 'url' | 'secret' | 'name' | 'text';

/** A text that would be taken literally against its author's intention. */
export interface LiteralProblem {
  readonly path: KeyPath;
  /** The message; never quotes a secret. */
  readonly message: string;
}

/** Finds all such texts in a configuration, whatever else is wrong with it. */
export function literalProblems(data: unknown): readonly LiteralProblem[] {
  const found: LiteralProblem[] = [];
  const visit = (value: unknown, path: KeyPath, above: ReadonlySet<object>) => {
    if (typeof value === 'string') {
      const message = literalProblem(path, value);
      if (message !== null) found.push({ path, message });
    } else if (typeof value === 'object' && value !== null && !above.has(value)) {
      const within = new Set([...above, value]); // an alias may refer to a mapping that contains it
      const isList = Array.isArray(value);
      for (const [key, child] of Object.entries(value)) visit(child, [...path, isList ? Number(key) : key], within);
    }
  };
  visit(data, [], new Set());
  return found;
}

/** Explains why this text is not expanded at this place, and what to write instead; null if it is fine. */
export function literalProblem(path: KeyPath, text: string): string | null {
  const use = useOf(path, text);
  switch (use) {
    case 'path':
    case 'file':
      return problemOfPath(text.replace(/^unix:/, ''), use);
    case 'secret':
      if (!VARIABLE.test(text) && !TEMPLATE.test(text)) return null;
      return `variables and templates are not expanded here, so these characters would be sent literally; ${remedyOf(path)}`;
    case 'url':
      if (VARIABLE.test(text)) return notExpanded(text, 'write the URL itself; only {user} is replaced there');
      return SHELL_IN_URL.test(text) ? 'must be written out: variables such as $HOME are not expanded here' : null;
    case 'name': {
      const isOfUsers = path.at(-1) === 'username';
      const placeholder = placeholderIn(text, isOfUsers);
      const remedy = isOfUsers ? "write the name itself, or {user} for each user's own" : 'write the name itself';
      if (VARIABLE.test(text)) return notExpanded(text, remedy);
      return placeholder === null ? null : `${placeholder} has no meaning here; ${remedy}`;
    }
    case 'text':
      if (VARIABLE.test(text)) return notExpanded(text, 'write the value itself');
      return path[1] === 'exclude' && text.includes('{user}')
        ? '{user} is replaced only in url; a glob applies to the spaces of all users'
        : null;
  }
}

function useOf(path: KeyPath, text: string): Use {
  const key = typeof path.at(-1) === 'number' ? (path.at(-2) ?? '') : (path.at(-1) ?? '');
  const parent = path.at(-2);
  if (parent === 'headers') return 'secret'; // whatever the header is called
  if (PATH_KEYS.has(key)) return 'path';
  if (FILE_KEYS.has(key) || (key === 'file' && path.at(-3) === 'headers')) return 'file';
  if (LISTEN_KEYS.has(key)) return text.startsWith('unix:') ? 'path' : 'text';
  if (key === 'password' || key === 'token' || key === 'proxy' || parent === 'proxy') return 'secret';
  if (URL_KEYS.has(key)) return 'url';
  return key === 'user' || key === 'username' ? 'name' : 'text';
}

function problemOfPath(text: string, use: 'path' | 'file'): string | null {
  const path = text.replace(CREDENTIALS, '/');
  if (VARIABLE.test(path)) {
    return notExpanded(path, `write the path itself; only \${CREDENTIALS_DIRECTORY}/ at its start is expanded`);
  }
  if (path.startsWith('~')) {
    return 'must be written out: ~ is not expanded here and would be taken as the name of a folder; write an absolute path, or ./~ if that name is meant';
  }
  const [, variable] = SHELL_SEGMENT.exec(path) ?? [];
  if (variable !== undefined) return notExpanded(variable, 'write the path itself');
  // Where a {user} is allowed in the path of a file is the key's own rule.
  const placeholder = placeholderIn(path, use === 'file');
  return placeholder === null ? null : `${placeholder} has no meaning here; write the path out for each space`;
}

/** Returns the first placeholder in a text that would be taken literally, or null. */
function placeholderIn(text: string, isUserKnown: boolean): string | null {
  const found = [...text.matchAll(PLACEHOLDER)].map(([placeholder]) => placeholder);
  return found.find((placeholder) => !(isUserKnown && placeholder === USER_PLACEHOLDER)) ?? null;
}

function notExpanded(text: string, remedy: string): string {
  const [variable = text] = VARIABLE.exec(text) ?? [];
  return `${variable} is not expanded here; ${remedy}`;
}

function remedyOf(path: KeyPath): string {
  if (path.at(-2) === 'headers') return 'put the value in a file of its own and write a mapping with "file" here';
  const key = path.at(-1) === 'token' ? 'tokenFile' : 'passwordFile';
  return `put the secret in a file of its own and name that file in ${key}`;
}
