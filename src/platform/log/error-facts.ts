import { OvadexError } from '../../domain/model/errors.js';
import { withoutCredentials } from './without-credentials.js';

/** What a log line says of an error; nothing else of it is ever written. */
export interface ErrorFacts {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly syscall?: string;
  /** Where a mistake of this program was made. */
  readonly stack?: string;
  readonly cause?: ErrorFacts;
  readonly errors?: readonly ErrorFacts[];
}

/** Causes of causes, and errors of one that stands for several: more explain nothing. */
const MAX_DEPTH = 4;
const MAX_ERRORS = 5;
/** A path has 4,096 bytes at most, and a message hardly more words. */
const LONGEST_MESSAGE = 4_096;
const LONGEST_NAME = 100;
/** What they look like everywhere; whatever else stands there says something else. */
const WORDS = { name: /^[A-Z]\w*$/, code: /^[A-Z][A-Z0-9_]*$/, syscall: /^[a-z]\w*$/ };
/** `    at read (file:///…/src/webdav/reading.ts:12:34)`; nothing of the message, which may have lines of its own. */
const FRAME = /^ {4}at [^\n]*:\d+:\d+\)?$/;
const FRAMES = 20;
/** Trouble of the machine, the network and what comes over it: where in the program it was met explains nothing. */
const OUTSIDE_CODE = /^(?:E[A-Z0-9]+|UND_ERR_\w+|HPE_\w+|Z_\w+|ERR_(?:SSL|TLS)_\w+|CERT_\w+|ERR_J\w+)$/;

/**
 * The facts of an error that may be logged, by a list of what is allowed: libraries hang whole answers, sockets,
 * payloads and options on their errors.
 */
export function errorFacts(error: Error, depth = 0): ErrorFacts {
  const code = wordIn(error, 'code');
  const syscall = wordIn(error, 'syscall');
  const stack = isOwn(error, code, syscall) ? framesOf(error) : '';
  const { cause } = error;
  const goesOn = depth < MAX_DEPTH;
  const errors = goesOn && error instanceof AggregateError ? error.errors.filter(isError).slice(0, MAX_ERRORS) : [];
  return {
    type: wordIn(error, 'name') ?? 'Error',
    message: messageOf(error),
    ...(code === null ? {} : { code }),
    ...(syscall === null ? {} : { syscall }),
    ...(stack === '' ? {} : { stack }),
    ...(goesOn && isError(cause) ? { cause: errorFacts(cause, depth + 1) } : {}),
    ...(errors.length === 0 ? {} : { errors: errors.map((each) => errorFacts(each, depth + 1)) }),
  };
}

function isError(value: unknown): value is Error {
  return value instanceof Error;
}

function wordIn(error: Error, key: keyof typeof WORDS): string | null {
  const value: unknown = (error as unknown as Record<string, unknown>)[key];
  if (error instanceof OvadexError && key === 'code') return error.code;
  return typeof value === 'string' && value.length <= LONGEST_NAME && WORDS[key].test(value) ? value : null;
}

function messageOf(error: Error): string {
  const message = typeof error.message === 'string' ? error.message : '';
  return withoutCredentials(withoutQuotes(error, message.slice(0, LONGEST_MESSAGE)));
}

/** Some messages quote what could not be read: a text, a value, words of a search. */
function withoutQuotes(error: Error, message: string): string {
  if (error instanceof OvadexError) return message;
  const isOfText = error instanceof SyntaxError || error.name === 'SqliteError';
  const plain = isOfText ? message.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|`[^`]*`/gs, '"…"') : message;
  return plain
    .replace(/\b(no such column|unrecognized token): .*$/s, '$1')
    .replace(/\b(namespace prefix|entity): "[^"]*"/g, '$1')
    .replace(/\b[Rr]eceived (?:type |an instance of |function )?[^\n]*$/s, 'received something else');
}

function isOwn(error: Error, code: string | null, syscall: string | null): boolean {
  if (error instanceof OvadexError) return error.code === 'internal';
  if (syscall !== null || (code !== null && OUTSIDE_CODE.test(code))) return false;
  return error.name !== 'HTTPParserError';
}

function framesOf({ stack }: Error): string {
  if (typeof stack !== 'string') return '';
  const lines = stack.split('\n').filter((line) => FRAME.test(line));
  return withoutCredentials(lines.slice(0, FRAMES).join('\n'));
}
