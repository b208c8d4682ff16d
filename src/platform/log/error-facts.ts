import { OvadexError } from '../../domain/model/errors.js';
import { withoutCredentials } from './without-credentials.js';

/** The facts of an error that a log line contains; nothing else is ever written. */
export interface ErrorFacts {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly syscall?: string;
  /** The stack, only for bugs of this program. */
  readonly stack?: string;
  readonly cause?: ErrorFacts;
  readonly errors?: readonly ErrorFacts[];
}

/** Depth of nested causes and aggregated errors; deeper ones explain nothing. */
const MAX_DEPTH = 4;
const MAX_ERRORS = 5;
/** A path has 4,096 bytes at most, and a message hardly needs more. */
const LONGEST_MESSAGE = 4_096;
const LONGEST_NAME = 100;
/** The usual form of these properties; anything else there has another meaning. */
const WORDS = { name: /^[A-Z]\w*$/, code: /^[A-Z][A-Z0-9_]*$/, syscall: /^[a-z]\w*$/ };
/** `    at read (file:///…/src/webdav/reading.ts:12:34)`; matches no line of the message, which may have several. */
const FRAME = /^ {4}at [^\n]*:\d+:\d+\)?$/;
const FRAMES = 20;
/** Codes of trouble from outside (the machine, the network, its data), for which a stack explains nothing. */
const OUTSIDE_CODE = /^(?:E[A-Z0-9]+|UND_ERR_\w+|HPE_\w+|Z_\w+|ERR_(?:SSL|TLS)_\w+|CERT_\w+|ERR_J\w+)$/;

/**
 * Returns the facts of an error that may be logged, by an allow list: libraries attach whole responses, sockets,
 * payloads and options to their errors.
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

/** Removes quotes from messages: some quote the text, value or search words that could not be parsed. */
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
