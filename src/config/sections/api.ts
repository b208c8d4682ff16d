import * as z from 'zod';
import { DURATION_FORM, DURATION_PATTERN, parseDuration } from '../fields/duration.js';
import { mapping, wholeNumber } from '../fields/fields.js';

/** The number of requests that a user may make; no limit by default. */
export function rateLimit() {
  return mapping({
    // A limit for scripts, not for the machine: a single core answers more than this.
    requests: wholeNumber(1, 1_000_000),
    window: wholeSeconds(),
  })
    .transform(({ requests, window: windowMs }) => ({ requests, windowMs }))
    .nullable()
    .default(null);
}

/** How many requests and streams of one user may wait for changes at a time. */
export function waitsPerUser() {
  // More than a few programs of one person are a mistake, and each costs a connection; as many as may wait at all are for
  // a space that all programs of an organisation share.
  return wholeNumber(1, 20_000).default(20);
}

/** How long lists are served that can't be compared with a database that is away, in ms; none at 0. */
export function serveStale() {
  // Longer than a fail-over and most maintenance. After an hour a list, or a token that was revoked, is of the past.
  const longestMs = 3_600_000;
  const error = `must be ${DURATION_FORM}, from 0s (never) to 1h`;
  return z
    .string({ error })
    .default('10m')
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const ms = parseDuration(value);
      if (ms !== null && ms <= longestMs) return ms;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** An origin as browsers send it, or "*" for any. */
export function origin() {
  const error = 'must be an origin such as "https://portal.example.org", without a path, or "*" for any';
  return z.string({ error }).transform((value, context) => {
    if (value === '*') return value;
    const url = /^https?:\/\/[^/?#@\s]+\/?$/i.test(value) && URL.canParse(value) ? new URL(value) : null;
    // Browsers send it in lower case and without the default port.
    if (url !== null) return url.origin;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

/** A window of whole seconds, as in the headers that tell clients about it. */
function wholeSeconds() {
  const error = `must be ${DURATION_FORM}, whole seconds from 1s to 1d`;
  return z
    .string({ error })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const ms = parseDuration(value);
      if (ms !== null && ms >= 1_000 && ms <= 86_400_000 && ms % 1_000 === 0) return ms;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}
