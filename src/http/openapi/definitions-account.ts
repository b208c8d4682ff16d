import { SPACE_STATES } from '../../domain/lists/space-states.js';
import { TOKEN_SCOPES } from '../../domain/model/token.js';
import type { OwnSpaceJson } from '../../wire/space.js';
import type { SessionTokenJson } from '../../wire/token.js';
import { z } from '../reply/zod.js';
import { BY_TOKEN, count, type Definition, gives, LIMITS, one, refusals, type ShapeOf, time } from './definitions.js';
import { problems } from './definitions-problems.js';

/** The body that may accompany a user name and password. */
export const logInSchema = z
  .looseObject(
    {
      otp: z
        .null({ error: 'one-time passwords are not supported; it must be null or absent' })
        .optional()
        .describe('A one-time password. These are not supported, so only null is allowed.'),
    },
    { error: 'must be a JSON object, or nothing at all' },
  )
  .openapi('LogIn');

const sessionToken = z
  .object({
    token: z.string().describe('A JWT, valid as a Bearer token and as the password of any Basic user name.'),
    type: z.literal('ACCESS').describe('The kind of token.'),
    duration: z.int().positive().describe('How long it is valid, in seconds.'),
    exp: z.int().positive().describe('When it expires, in seconds since 1970.'),
    exp_date: time.describe('When it expires, as a date.'),
    valid_until: time.describe('When it expires, as a date, under another name.'),
    user: z.string().describe('The user of the token.'),
    app_password_kept: z
      .boolean()
      .describe(
        "Whether this service keeps an app password of the user's storage, to list the user's files. The user can revoke it in the storage's settings, or by DELETE /v2/user/space/link.",
      ),
  } satisfies ShapeOf<SessionTokenJson>)
  .openapi('SessionToken');

const A_TOKEN = {
  token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqbSJ9.c2lnbmF0dXJl',
  type: 'ACCESS',
  duration: 86_400,
  exp: 1_795_608_000,
  exp_date: '2026-11-25T12:00:00.000Z',
  valid_until: '2026-11-25T12:00:00.000Z',
  user: 'jm',
  app_password_kept: false,
};

export const logIn: Definition = {
  operationId: 'requestToken',
  summary: 'Get a token for a password',
  description:
    "Gives a token for a user name and a password that the user's own storage takes. After five failures of a user from one address there are no more tries for a while; after many failures elsewhere a try may take up to 20 seconds.",
  tags: ['account'],
  security: [{ password: [] }],
  request: {
    body: {
      required: false,
      description: 'Empty, or an object without a one-time password.',
      content: { 'application/json': { schema: logInSchema, example: { otp: null } } },
    },
  },
  responses: {
    ...gives(200, 'The token.', { schema: sessionToken, example: A_TOKEN }, [
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      ...LIMITS,
    ]),
    ...problems('BadLogIn', 'LogInRefused', 'LogInTooLarge', 'TooManyTries', 'LogInUnavailable'),
  },
};

const user = z
  .object({
    username: z.string().describe('The user whom the token identifies.'),
    scopes: z.array(z.enum(TOKEN_SCOPES)).describe('Additional permissions of the token.'),
    token_expires_on: time.nullable().describe('When the token expires; null if never.'),
    status: z
      .object({ active: z.literal(true), valid: z.literal(true), expires_on: time.nullable() })
      .describe('The token is valid; otherwise the request would be refused.'),
    space: z
      .object({
        state: z.enum(SPACE_STATES),
        images: count,
        synced_on: time.nullable(),
        url: z.url().describe('The URL of its root on the storage.'),
        next_sync_on: time.nullable().describe('When its next sync is due.'),
      } satisfies ShapeOf<OwnSpaceJson>)
      .nullable()
      .describe(
        "The caller's space, its number of images, and when that was last known to be complete; null without a space.",
      ),
    _links: z
      .object({ images: z.url(), link: z.url().optional() })
      .describe("The list of the caller's images, and where the caller's storage is connected if that is offered."),
  })
  .openapi('User');

const JM = {
  username: 'jm',
  scopes: [],
  token_expires_on: '2026-11-25T12:00:00.000Z',
  status: { active: true, valid: true, expires_on: '2026-11-25T12:00:00.000Z' },
  space: {
    state: 'fresh',
    images: 12,
    synced_on: '2026-11-24T11:55:00.000Z',
    url: 'https://cloud.example.org/dav/jm/',
    next_sync_on: '2026-11-24T12:10:00.000Z',
  },
  _links: { images: 'https://vss-api.example.org/v2/user/image/vm' },
};

export const ownUser: Definition = {
  operationId: 'showUser',
  summary: 'Show the caller',
  description: 'Shows the caller.',
  tags: ['account'],
  security: BY_TOKEN,
  responses: { ...gives(200, 'The caller.', one(user, JM, '/v2/user'), LIMITS), ...refusals() },
};
