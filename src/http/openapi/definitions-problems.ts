import type { RouteConfig } from '@hono/zod-openapi';
import { PROBLEM_TYPE, type Problem, problemBody } from '../reply/problem.js';
import { z } from '../reply/zod.js';
import { type HeaderName, headers } from './definitions-headers.js';

export const problemSchema = z
  .object({
    type: z.literal('about:blank').describe('The status says everything about the type of problem.'),
    title: z.string().describe('The name of the status.'),
    status: z.int().describe('The status.'),
    detail: z.string().describe('What is wrong, where, and what is allowed.'),
    instance: z.string().describe('The id of the request, as in the log.'),
    error: z.string().describe("The title, for clients that don't know problem details."),
    message: z.string().describe("The detail, for clients that don't know problem details."),
    errors: z
      .array(z.object({ parameter: z.string(), detail: z.string() }))
      .describe('What is wrong with each parameter or field.'),
  })
  .openapi('Problem');

interface DefinedProblem {
  readonly description: string;
  readonly example: Problem;
  readonly headers?: readonly HeaderName[];
}

const TRIES = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'] as const;
const BAD_SORT =
  'sort: "age" is not a sort field; use one of name, path, id, size, created_on, updated_on, modified_on, family, os, product, version, cpus, memory_mib, disk_count, capacity_bytes, each alone or with ",asc" or ",desc", several joined by ";"';

/** Every problem that the API may return, as a component of the document. */
export const PROBLEMS = {
  BadRequest: {
    description: 'The request, a parameter or a field of the body is invalid; each is named.',
    example: { status: 400, detail: BAD_SORT, errors: [{ parameter: 'sort', detail: BAD_SORT }] },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  Unauthorized: {
    description: 'A token is required, or the given one is unknown, expired, disabled or revoked.',
    example: { status: 401, detail: 'the access token is unknown, expired, disabled or revoked' },
    headers: ['WWW-Authenticate'],
  },
  Forbidden: {
    description: 'The token lacks the required scope.',
    example: { status: 403, detail: 'the access token does not have the scope "admin"' },
    headers: ['WWW-Authenticate', 'RateLimit', 'RateLimit-Policy'],
  },
  HintScopeMissing: {
    description: 'The token lacks the required scope.',
    example: { status: 403, detail: 'the access token does not have the scope "hint"' },
    headers: ['WWW-Authenticate', 'RateLimit', 'RateLimit-Policy'],
  },
  TokenNotMade: {
    description: 'The token of the request makes no others, or lacks a scope that was asked for.',
    example: {
      status: 403,
      detail:
        'an access token makes no other tokens, since one that leaked could go on for ever; log in (POST /auth/request-token), and ask again with the token of that',
    },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  NotFound: {
    description: 'There is no such thing, or the caller may not see it.',
    example: { status: 404, detail: 'there is no image "7" in your space or a public one' },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  RequestTimeout: {
    description: 'The request did not arrive in time; the connection is closed.',
    example: { status: 408, detail: 'the request did not arrive in time' },
  },
  Conflict: {
    description: 'The request conflicts with the current state.',
    example: { status: 409, detail: 'request 68 has already ended: PROCESSED' },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  Gone: {
    description: 'Nobody can go on from this point: drop the copy, and begin anew without since.',
    example: {
      status: 410,
      detail:
        'since: "6f3a0c9e1b2d-1-9" is of an index that was replaced or restored since, or has lost its last changes; drop what you have, and begin anew without since',
      errors: [
        {
          parameter: 'since',
          detail:
            'since: "6f3a0c9e1b2d-1-9" is of an index that was replaced or restored since, or has lost its last changes; drop what you have, and begin anew without since',
        },
      ],
    },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  ContentTooLarge: {
    description: 'Request body too large.',
    example: { status: 413, detail: 'the body is too large; at most 16384 bytes are allowed' },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  HintsTooLarge: {
    description: 'Request body too large.',
    example: { status: 413, detail: 'the body is too large; at most 65536 bytes are allowed' },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  UriTooLong: {
    description: 'The request target is too long; the connection is closed.',
    example: {
      status: 414,
      detail: 'the request target is too long; at most 16 KiB are allowed, less what the headers need',
    },
  },
  TooManyRequests: {
    description: 'The user has no requests left for a while.',
    example: { status: 429, detail: 'a user may make 600 requests in 60 s; the next one is possible in 7 s' },
    headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  },
  ConfigurationRefused: {
    description: 'The configuration file is not valid; every problem is named with its place.',
    example: {
      status: 422,
      detail:
        'the configuration stays as it was: /config/ovadex.yaml:3:11: crawl.spacesAtOnce: must be a whole number from 1 to 64',
    },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  HeadersTooLarge: {
    description: 'The headers are too large; the connection is closed.',
    example: { status: 431, detail: 'the request line and the headers are too large; at most 16 KiB are allowed' },
  },
  InternalError: {
    description: "An internal error; the server's log has details under the id.",
    example: { status: 500, detail: 'the request could not be answered; "instance" is its id in the server\'s log' },
    headers: ['RateLimit', 'RateLimit-Policy'],
  },
  Unavailable: {
    description: 'The index or the crawler does not answer.',
    example: { status: 503, detail: 'the request could not be answered; "instance" is its id in the server\'s log' },
    headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  },
  NoBackup: {
    description: 'The index could not be copied, or does not answer.',
    example: {
      status: 503,
      detail:
        'there is no backup: /data/ovadex/backups: there is no room for a copy of the index: 20 MB are free, it needs 40 MB',
    },
    headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  },
  BadLogIn: {
    description: 'The body is invalid.',
    example: { status: 400, detail: 'otp: one-time passwords are not supported; it must be null or absent' },
    headers: TRIES,
  },
  LogInRefused: {
    description: 'The user name or the password is missing or wrong.',
    example: { status: 401, detail: 'the user name or the password is wrong' },
    headers: ['WWW-Authenticate', ...TRIES],
  },
  LogInTooLarge: {
    description: 'Request body too large.',
    example: { status: 413, detail: 'the body is too large; at most 16384 bytes are allowed' },
    headers: TRIES,
  },
  TooManyTries: {
    description:
      'Too many attempts have failed for this user from this address or at this storage, or too many log-ins are waiting.',
    example: { status: 429, detail: '5 attempts have failed; the next one is possible in 900 s' },
    headers: ['Retry-After', ...TRIES, 'RateLimit', 'RateLimit-Policy'],
  },
  LogInUnavailable: {
    description: 'The storage that checks the passwords does not answer.',
    example: { status: 503, detail: 'the storage that checks the passwords does not answer; please try again' },
    headers: ['Retry-After', ...TRIES],
  },
} satisfies Record<string, DefinedProblem>;

export type ProblemName = keyof typeof PROBLEMS;

/** Problems that any request may have. */
const OF_ANY_REQUEST = ['BadRequest', 'RequestTimeout', 'UriTooLong', 'HeadersTooLarge', 'InternalError'] as const;

/** References these problems by status, and adds those of any request unless one of the same status is given. */
export function problems(...names: readonly ProblemName[]): RouteConfig['responses'] {
  return Object.fromEntries(
    [...OF_ANY_REQUEST, ...names].map((name) => [
      PROBLEMS[name].example.status,
      { $ref: `#/components/responses/${name}` },
    ]),
  );
}

/** Builds the component of a problem. */
export function problemResponse({ description, example, headers: names = [] }: DefinedProblem): object {
  const value = JSON.parse(problemBody(example, '0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f')) as object;
  return {
    description,
    headers: headers(...names),
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, example: value } },
  };
}
