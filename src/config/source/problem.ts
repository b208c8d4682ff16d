import type { z } from 'zod';
import { grouped } from '../../domain/text/counted.js';
import { nearestOf } from '../../domain/text/nearest.js';
import { type ConfigDocument, type KeyPath, type Position, visibleKey } from './document.js';
import { type KeyPaths, otherPlaces } from './key-paths.js';

/** A problem in a configuration, and its place. */
export interface Problem extends Position {
  readonly message: string;
}

/** A problem with the value at `path`; `message` says what is allowed and contains no secret. */
export function problemAt(document: ConfigDocument, path: KeyPath, message: string): Problem {
  return { ...document.locate(path, 'value'), message: joinPath(path, message) };
}

/** Turns the findings of a schema into problems, one for each unknown key; `keyPaths` tells where else a key would be known. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  document: ConfigDocument,
  keyPaths: () => KeyPaths = () => [],
): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [problemAt(document, issue.path, describeIssue(issue, document.data))];
    }
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => {
      const path = [...issue.path, key];
      const message = joinPath(path, withOtherPlaces(messages[index] ?? '', path, keyPaths));
      return { ...document.locate(path, 'key'), message };
    });
  });
}

const UNKNOWN = 'unknown key; ';
const DID_YOU_MEAN = 'did you mean ';

/** Suggests other sections for a key that resembles nothing here. */
function withOtherPlaces(message: string, path: KeyPath, keyPaths: () => KeyPaths): string {
  if (!message.startsWith(UNKNOWN) || message.startsWith(UNKNOWN + DID_YOU_MEAN)) return message;
  const dotted = nameOf(path).replace(/\[\d+\]/g, '[]');
  const places = otherPlaces(dotted, keyPaths());
  if (places.length === 0) return message;
  // A longer key of this very section is nearer: user for username.
  const longer = message
    .replace(/^.*allowed here: /, '')
    .split(', ')
    .find((each) => each.startsWith(String(path.at(-1))));
  if (longer !== undefined) return `${UNKNOWN}${DID_YOU_MEAN}${longer}? ${message.slice(UNKNOWN.length)}`;
  return `unknown key here; ${DID_YOU_MEAN}${places.join(' or ')}? check its indentation; ${message.slice(UNKNOWN.length)}`;
}

/** More are usually one repeated mistake, and would push the first ones off the screen. */
const MOST_TOLD = 20;

/** A file and its problems. */
export interface FileProblems {
  readonly file: string;
  readonly problems: readonly Problem[];
}

/**
 * Formats the first problems in the order of the files, as `file:line:column: key: what is wrong`, and then the number
 * of others.
 */
export function formatProblems(files: readonly FileProblems[]): string {
  const lines = files.flatMap(({ file, problems }) =>
    problems
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
  );
  const more = lines.length - MOST_TOLD;
  if (more <= 0) return lines.join('\n');
  return [...lines.slice(0, MOST_TOLD), `and ${grouped(more)} more`].join('\n');
}

/** Formats a line for each unknown key, with the nearest known key, or all of them. */
export function describeUnknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key) => {
      const nearest = nearestOf(visibleKey(key).replace('…', ''), known);
      const hint = nearest === null ? '' : `${DID_YOU_MEAN}${nearest}? `;
      return `${UNKNOWN}${hint}allowed here: ${known.join(', ')}`;
    })
    .join('\n');
}

function joinPath(path: KeyPath, message: string): string {
  const name = nameOf(path);
  return name === '' ? message : `${name}: ${message}`;
}

/** Formats a path as `spaces[0].auth.type`. */
function nameOf(path: KeyPath): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    const key = visibleKey(String(segment));
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

const MUST_BE = 'must be ';

/** Describes an issue: a missing value as required, any other with the value itself, if it is no secret and helps. */
function describeIssue(issue: z.core.$ZodIssue, data: unknown): string {
  const { message } = issue;
  const value = issue.path.reduce<unknown>(
    // There may be a text in place of a list of texts.
    (parent, segment) =>
      typeof parent === 'string' ? parent : (parent as Record<PropertyKey, unknown> | null | undefined)?.[segment],
    data,
  );
  const isAboutName = issue.code === 'invalid_key';
  if (isAboutName || (issue.code === 'custom' && typeof value === 'object')) return message;
  if (value === undefined && message.startsWith(MUST_BE)) return `required: ${message.slice(MUST_BE.length)}`;
  return `${message} (it is ${describeValue(issue.path, value)})`;
}

const MAX_QUOTED = 120;

function describeValue(path: KeyPath, value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (!mayBeShown(path, value)) return typeof value === 'string' ? 'some text' : `a ${typeof value}`;
  const text = JSON.stringify(typeof value === 'string' ? maskUrl(value) : value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/** Keys whose values are paths of files. */
const FILE_KEYS = new Set<PropertyKey>([
  'passwordFile',
  'tokenFile',
  'file',
  'ca',
  'certificate',
  'key',
  'keyPassphraseFile',
  'secretFile',
  'clientSecretFile',
]);
/** Keys of webhooks that open a receiver: some have all that it takes in their URL. */
const WEBHOOK_SECRETS = new Set<PropertyKey>(['secret', 'secretFile', 'url']);

/**
 * Whether a value may be shown. In sections with secrets, only what is clearly none: the names of files, a word for a
 * type, a proxy's URL without its credentials.
 */
function mayBeShown(path: KeyPath, value: unknown): boolean {
  const key = path.at(-1) ?? '';
  const isOfWebhook = path[0] === 'webhooks' && WEBHOOK_SECRETS.has(key);
  // The top-level section `auth` contains none, but for how the console signs in.
  const inner = ['auth', 'signIn', 'headers', 'tls', 'proxy'].find((section) => path.includes(section, 1));
  const place = inner ?? (isOfWebhook ? 'webhooks' : undefined);
  if (place === undefined) return true;
  const text = String(value);
  if (place === 'auth' && key === 'type') return /^[a-z]{1,12}$/i.test(text);
  if (place === 'proxy' && (key === 'proxy' || key === 'url')) return !text.includes('@') || text.includes('://');
  // Not the content of a key file in place of its name.
  return path.indexOf(place) < path.length - 1 && FILE_KEYS.has(key) && !/-----|[\r\n]/.test(text);
}

/** Masks credentials and queries, which don't belong in these URLs and may be the very problem. */
function maskUrl(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/:\/\/.*@/, '://***@').replace(/([?#]).+/, '$1***');
}
