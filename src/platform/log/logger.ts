import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { counted } from '../../domain/text/counted.js';
import { escapeJson } from '../../domain/text/printable.js';
import { errorFacts } from './error-facts.js';
import { openLogOutput } from './log-output.js';
import { plainLine } from './plain-line.js';

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The format of lines; `auto` means pretty on a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream & { readonly isTTY?: boolean };
}

const STDOUT = 1;
/** The format of times on a terminal: local, with the offset from UTC. */
const LOCAL_TIME = 'SYS:yyyy-mm-dd HH:MM:ss.l o';
const HIDDEN = '[hidden]';
/** Keys, in lower case, whose values no log line shows. */
const SECRET_KEYS = new Set([
  'auth',
  'authorization',
  'connection',
  'cookie',
  'password',
  'proxy-authorization',
  'secret',
  'set-cookie',
  'token',
]);
/** Log lines are shallower than this; anything deeper is a bug, maybe a cycle. */
const MAX_DEPTH = 6;

/**
 * A logger that writes one JSON object a line (`time` in ISO 8601, `level` as a word), or lines for people. Both are
 * written synchronously by this process, so that the last lines before an exit are not lost. Secrets are hidden by
 * their keys, and only a few facts of an error are written (`errorFacts`).
 */
export function createLogger(options: LoggerOptions): Logger {
  // Not `process.stdout`, which in a worker thread is a pipe to the main thread.
  const output = options.destination ?? openLogOutput((lines) => logger.warn({ lines }, lostMessage(lines)));
  const isTerminal = options.destination === undefined ? isatty(STDOUT) : options.destination.isTTY === true;
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && isTerminal);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: hideSecrets },
      // Keys at the top are also hidden in child loggers, which formatters don't see. Wildcards
      // would reach deeper, but cost 27 of 30 µs a line (measured with these keys).
      redact: { paths: [...SECRET_KEYS].map((key) => `["${key}"]`), censor: HIDDEN },
      serializers: { err: serializeError },
      hooks: {
        logMethod(args, write) {
          // Without this, pino would use the error's message unfiltered.
          const [err] = args as unknown[];
          if (!(err instanceof Error) || args.length > 1) return write.apply(this, args);
          const facts = errorFacts(err);
          write.apply(this, [{ err: facts }, facts.message]);
        },
      },
    },
    isPretty ? prettyInto(output, isTerminal) : { write: (line) => output.write(escapeJson(line)) },
  );
  return logger;
}

function lostMessage(lines: number): string {
  return `${counted(lines, 'log line was', 'log lines were')} lost: the log could not be written for some time`;
}

function prettyInto(output: DestinationStream, colorize: boolean): DestinationStream {
  // Loaded only for people: otherwise each of a daemon's two threads would hold 8 MB for nothing.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  // Only its formatter is used: the package's own stream and transport write later, or from another thread.
  const format = pretty.prettyFactory({ colorize, translateTime: LOCAL_TIME, singleLine: true });
  return { write: (line) => output.write(format(plainLine(line))) };
}

/** Serializes anything thrown, which need not be an error. */
function serializeError(error: unknown): unknown {
  return hideIn(error, 0);
}

function hideSecrets(line: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).map(([key, value]) => [key, hideAt(key, value, 1)]));
}

function hideAt(key: string, value: unknown, depth: number): unknown {
  return SECRET_KEYS.has(key.toLowerCase()) ? HIDDEN : hideIn(value, depth);
}

function hideIn(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => hideIn(item, depth + 1));
  if (value instanceof Error) return errorFacts(value);
  if (value instanceof Date || value instanceof URL) return value instanceof URL ? value.origin : value;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A socket, a request or a map: only its type is shown, as its content could end up in JSON in unexpected ways.
  if (prototype !== Object.prototype && prototype !== null)
    return `[${(value.constructor as { name?: string } | undefined)?.name ?? 'object'}]`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideAt(key, inner, depth + 1)]));
}
