import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { parseGlob } from '../../domain/text/glob.js';
import { isUserName } from '../../domain/text/user-name.js';
import { describeUnknownKeys } from '../source/problem.js';
import { cronProblem } from './cron.js';
import { DURATION_FORM, DURATION_PATTERN, parseDuration } from './duration.js';

/** The length of `sun_path` without its final zero byte (Linux, unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
/** Longer than any name that people type; names end up in URLs, logs and table rows. */
const MAX_TEXT_LENGTH = 1024;
const DAY_MS = 86_400_000;

/** A mapping that rejects unknown keys. A key without a value counts as an empty mapping. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.preprocess((value) => value ?? {}, mapping(shape));
}

/** A mapping that rejects unknown keys and, unlike a `section`, may not be empty. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? describeUnknownKeys(issue.keys, Object.keys(shape))
        : `must be a mapping of ${Object.keys(shape).join(', ')}`,
  });
}

/** Lets checks of several keys run even if other things are wrong with them, so that everything is reported at once. */
export function isReadable(payload: z.core.ParsePayload): boolean {
  return typeof payload.value === 'object' && payload.value !== null;
}

/** A list; a key without a value counts as an empty list. */
export function list<Item extends z.core.$ZodType>(item: Item, items: string) {
  return z.preprocess((value) => value ?? [], z.array(item, { error: `must be a list of ${items}` }));
}

/** The alternative schemas of values that have several forms. */
const FORMS = new WeakMap<object, readonly z.ZodType[]>();

export function formsOf(schema: object): readonly z.ZodType[] {
  return FORMS.get(schema) ?? [];
}

/**
 * A value in one of several forms, each with its own schema. Problems are reported for the form that `formOf` picks
 * from `forms`.
 */
export function eitherForm<Output>(formOf: (given: unknown) => z.ZodType<Output>, forms: readonly z.ZodType[]) {
  const schema = z.unknown().transform(async (given, context): Promise<Output> => {
    const parsed = await formOf(given).safeParseAsync(given);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
  FORMS.set(schema, forms);
  return schema;
}

export function text(what: string) {
  const error = (issue: z.core.$ZodRawIssue) =>
    typeof issue.input === 'number' || typeof issue.input === 'boolean'
      ? `must be ${what}, in quotes`
      : `must be ${what}`;
  return z.string({ error }).min(1, { error }).max(MAX_TEXT_LENGTH, { error });
}

export function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

/** A whole number, or one of these words in its place. */
export function wholeNumberOr<const Words extends readonly string[]>(words: Words, minimum: number, maximum: number) {
  const error = `must be ${words.join(', ')} or a whole number from ${minimum} to ${maximum}`;
  return z.union([z.int().min(minimum).max(maximum), z.enum(words)], { error });
}

export function word<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** A timeout, converted to milliseconds; at most a day, since anything longer is no timeout. */
export function timeout() {
  const error = `must be ${DURATION_FORM}, from 100ms to 1d`;
  return z
    .string({ error })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const timeoutMs = parseDuration(value);
      if (timeoutMs !== null && timeoutMs >= 100 && timeoutMs <= 86_400_000) return timeoutMs;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** A retention time, converted to milliseconds: from a day, as less makes no practical difference, to ten years. */
export function age() {
  const error = `must be ${DURATION_FORM}, from 1d to 3650d`;
  return z
    .string({ error })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const ageMs = parseDuration(value);
      if (ageMs !== null && ageMs >= DAY_MS && ageMs <= 3650 * DAY_MS) return ageMs;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** A cron expression or, with `orOff`, the word `off`. */
export function cron({ orOff = false } = {}) {
  const form = `must be a cron expression of five or six fields, such as "*/15 * * * *"${orOff ? ', or off' : ''}`;
  return z.string({ error: form }).superRefine((value, context) => {
    if (orOff && value === 'off') return;
    if (!orOff && /^(?:off|never|none)$/i.test(value)) {
      // Without these syncs a stale list would be presented as current.
      context.addIssue({ code: 'custom', message: `${form}; only ${CAN_BE_OFF} can be off` });
      return;
    }
    const problem = cronProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: `${form}; ${problem}` });
  });
}

/** The keys that accept `off`. */
const CAN_BE_OFF = 'crawl.poll and maintenance.schedule';

/** The IANA name of a time zone. */
export function timeZone() {
  const error = 'must be the IANA name of a time zone, such as Europe/Berlin or UTC';
  return z.string({ error }).refine(isTimeZone, { error });
}

/** Rejects offsets such as "+02:00", which know no summer time and which Node 20 doesn't accept. */
function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A glob, as the domain parses it. */
export function glob() {
  return text('a glob').superRefine((value, context) => {
    const parsed = parseGlob(value);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: `must be a glob: ${parsed}` });
  });
}

/** A user name, which becomes part of URLs and tokens. */
export function userName() {
  return text('a user name').refine(isUserName, {
    error: 'must be a user name without slashes, control characters or spaces at its ends, and not "." or ".."',
  });
}

/** An absolute URL of a collection, normalised to end with a slash. `{user}` is allowed only with that placeholder. */
export function collectionUrl(placeholder: 'with {user}' | 'plain') {
  return z
    .string({ error: 'must be an http or https URL' })
    .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]' })
    .superRefine(checkUrl(placeholder === 'with {user}'))
    .transform((value) => (value.endsWith('/') ? value : `${value}/`));
}

/** An absolute URL, normalised to end without a slash. */
export function baseUrl() {
  return z
    .string({ error: 'must be an http or https URL' })
    .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]' })
    .superRefine(checkUrl(false))
    .transform((value) => value.replace(/\/+$/, ''));
}

function checkUrl(isTemplate: boolean) {
  return (value: string, context: z.core.$RefinementCtx<string>) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    const filled = isTemplate ? value.replaceAll('{user}', 'user') : value;
    if (!/^https?:\/\/[^/]/i.test(value) || !URL.canParse(filled)) {
      complain('must be an http or https URL, such as "https://dav.example.org/home/"');
      return;
    }
    const url = new URL(filled);
    if (url.username !== '' || url.password !== '') complain('must contain no credentials; they belong in auth');
    if (/[?#]/.test(value)) complain('must end with its path, without ? and #');
    if (/[\s\p{Cc}\\]/u.test(value)) complain('must not contain spaces, control characters or backslashes');
    if (/[{}]/.test(filled)) {
      complain(isTemplate ? 'must contain no placeholder other than {user}' : 'must contain no placeholder');
    }
    if (/^https?:\/\/[^/]*\{user\}/i.test(value)) complain('must have {user} in its path, not in its host');
  };
}

/** `host:port`, `[::1]:port` or `unix:path`; port 0 takes any free one. */
export function listenAddress(resolvePath: (path: string) => string) {
  const error = 'must be "host:port" (port 0: any free one), "[IPv6]:port" or "unix:/path"';
  return z
    .string({ error })
    .meta({ pattern: '^unix:.|:[0-9]{1,5}$' })
    .transform((value, context) => {
      const socket = /^unix:(.+)$/.exec(value)?.[1];
      if (socket !== undefined) {
        const path = resolvePath(socket);
        if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return { kind: 'unix', path } as const;
        context.addIssue({ code: 'custom', message: `must be at most ${MAX_SOCKET_PATH_BYTES} bytes long as a path` });
        return z.NEVER;
      }
      const match = /^(?:\[([^\]]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(value);
      const [, ipv6, name, digits] = match ?? [];
      const host = ipv6 ?? name;
      const port = Number(digits);
      if (host !== undefined && port <= 65_535 && (ipv6 === undefined || isIPv6(ipv6))) {
        return { kind: 'tcp', host, port } as const;
      }
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}
