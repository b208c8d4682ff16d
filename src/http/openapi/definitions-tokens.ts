import { TOKEN_LIST } from '../../domain/lists/token-list.js';
import { isTokenName, TOKEN_NAME_FORM, TOKEN_SCOPES } from '../../domain/model/token.js';
import { MAX_OWN_TOKEN_DAYS, USUAL_OWN_TOKEN_DAYS } from '../../domain/policy/own-token.js';
import type { ClientTokenJson, CreatedTokenJson } from '../../wire/token.js';
import { z } from '../reply/zod.js';
import {
  BY_TOKEN,
  type Definition,
  gives,
  idParameters,
  LIMITS,
  list,
  OF_LISTS,
  one,
  refusals,
  type ShapeOf,
  time,
} from './definitions.js';
import { filterParameter, pageParameters, sortParameter } from './list-parameters.js';

const OBJECT = 'must be a JSON object';
const DAYS_ALLOWED = `must be a whole number from 1 to ${MAX_OWN_TOKEN_DAYS}; for a token that never expires ask an administrator ("ovadex token create --expires never")`;

/** The changes that a token allows; bodies are also validated with this schema. */
export const tokenChangeSchema = z
  .looseObject(
    {
      valid: z
        .boolean({ error: 'must be true or false' })
        .default(false)
        .describe('Whether the token is valid; false if omitted, since clients disable a token by an empty PUT.'),
    },
    { error: 'must be a JSON object, or nothing at all' },
  )
  .openapi('TokenChange');

/** What a caller's own new token is to be; bodies are also validated with this schema. */
export const newTokenSchema = z
  .strictObject(
    {
      name: z
        .string({ error: 'must be a text, or null' })
        .refine(isTokenName, { error: TOKEN_NAME_FORM })
        .nullish()
        .meta({ description: 'What it is for.', examples: ['nightly deployment'] }),
      days: z
        .int({ error: DAYS_ALLOWED })
        .min(1, { error: DAYS_ALLOWED })
        .max(MAX_OWN_TOKEN_DAYS, { error: DAYS_ALLOWED })
        .default(USUAL_OWN_TOKEN_DAYS)
        .describe('After how many days it expires.'),
      scopes: z
        .array(z.enum(TOKEN_SCOPES, { error: `must be one of ${TOKEN_SCOPES.join(', ')}` }), {
          error: 'must be a list of scopes',
        })
        .max(10, { error: 'must have at most 10 scopes' })
        .default([])
        .describe('Additional permissions, which the token of the request must have, too.'),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'is unknown; allowed are name, days, scopes' : OBJECT) },
  )
  .openapi('NewToken');

const standing = {
  created_on: time.describe('When it was created.'),
  updated_on: time.describe('When it was created or disabled.'),
  last_access: time.nullable().describe('When it was last used, to the minute; null if never.'),
  valid: z.boolean().describe('Whether it is currently valid.'),
  active: z.boolean().describe('The same as `valid`, for older clients.'),
};

const token = z
  .object({
    id: z.int().positive().describe('Its number.'),
    name: z.string().nullable().describe('What it is for; null if not given.'),
    is_log_in: z.boolean().describe('Whether it was issued by a log-in.'),
    scopes: z.array(z.enum(TOKEN_SCOPES)).describe('Its additional permissions.'),
    state: z.enum(['valid', 'disabled', 'expired']).describe('Why it is valid or not.'),
    created_on: standing.created_on,
    updated_on: standing.updated_on,
    last_access: standing.last_access,
    valid: standing.valid,
    expires_on: time.nullable().describe('When it expires; null if never.'),
    duration: z.int().nonnegative().nullable().describe('Its total lifetime in seconds; null if it never expires.'),
    type: z.literal('ACCESS').describe('The kind of token.'),
    is_current: z.boolean().describe('Whether this request used it.'),
    active: standing.active,
    expiration: time.nullable().describe('The same as `expires_on`, for older clients.'),
    status: z
      .object(standing satisfies ShapeOf<ClientTokenJson['status']>)
      .describe('Some of its attributes again, where older clients look for them.'),
    _links: z.object({ self: z.url() }).describe('The token on its own.'),
  } satisfies ShapeOf<ClientTokenJson>)
  .openapi('Token');

const STANDING = {
  created_on: '2026-11-24T12:00:00.000Z',
  updated_on: '2026-11-24T12:00:00.000Z',
  last_access: '2026-11-24T12:03:00.000Z',
  valid: true,
  active: true,
};
const A_TOKEN = {
  id: 7,
  name: 'nightly deployment',
  is_log_in: false,
  scopes: [],
  state: 'valid',
  created_on: STANDING.created_on,
  updated_on: STANDING.updated_on,
  last_access: STANDING.last_access,
  valid: true,
  expires_on: '2027-11-24T12:00:00.000Z',
  duration: 31_536_000,
  type: 'ACCESS',
  is_current: true,
  active: true,
  expiration: '2027-11-24T12:00:00.000Z',
  status: STANDING,
  _links: { self: 'https://vss-api.example.org/v2/user/token/7' },
} satisfies ClientTokenJson;
const DISABLED = { ...A_TOKEN, state: 'disabled', valid: false, active: false };

const createdToken = z
  .object({
    token: z.string().describe('The token itself. It is shown this once; only its hash is kept.'),
    ...token.shape,
  } satisfies ShapeOf<CreatedTokenJson>)
  .openapi('CreatedToken');
const A_CREATED_TOKEN = {
  token: 'ovx_Zm9yIGRvY3VtZW50YXRpb24gb25seSwgb3BlbnMgbm8',
  ...A_TOKEN,
  last_access: null,
  is_current: false,
  status: { ...STANDING, last_access: null },
} satisfies CreatedTokenJson;

const byId = { params: idParameters('token') };

export const ownTokens: Definition = {
  operationId: 'listTokens',
  summary: 'List your tokens',
  description: "Lists the caller's tokens without their secrets, those of log-ins among them, the newest first.",
  tags: ['account'],
  security: BY_TOKEN,
  request: {
    query: z.object({
      filter: filterParameter(TOKEN_LIST.fields, ['valid,eq,true', 'name,like,%deploy%']),
      sort: sortParameter(TOKEN_LIST, 'id,desc', ['created_on,desc', 'last_access']),
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(200, 'The tokens, or a page of them.', list(token, A_TOKEN, '/v2/user/token'), [...OF_LISTS, ...LIMITS]),
    ...refusals(),
  },
};

export const ownTokenCreate: Definition = {
  operationId: 'createToken',
  summary: 'Create a token of your own',
  description:
    "Creates an access token for the caller, for scripts and machines. The request needs the token of a log-in or of the organisation's issuer: an access token creates no others. A user may have 100 that are valid or disabled.",
  tags: ['account'],
  security: BY_TOKEN,
  request: {
    body: {
      required: true,
      description: 'What it is for, how long it is valid and what it allows.',
      content: {
        'application/json': { schema: newTokenSchema, example: { name: 'nightly deployment', days: 90, scopes: [] } },
      },
    },
  },
  responses: {
    ...gives(201, 'The new token.', one(createdToken, A_CREATED_TOKEN, '/v2/user/token'), ['Location', ...LIMITS]),
    ...refusals('TokenNotMade', 'Conflict', 'ContentTooLarge'),
  },
};

export const ownToken: Definition = {
  operationId: 'showToken',
  summary: 'Show one of your tokens',
  description: "Shows one of the caller's tokens without its secret.",
  tags: ['account'],
  security: BY_TOKEN,
  request: byId,
  responses: {
    ...gives(200, 'The token.', one(token, A_TOKEN, '/v2/user/token/7'), LIMITS),
    ...refusals('NotFound'),
  },
};

export const ownTokenChange: Definition = {
  operationId: 'changeToken',
  summary: 'Disable or enable one of your tokens',
  description:
    "Disables one of the caller's tokens at once, or enables it again if it grants no more than the token of the request.",
  tags: ['account'],
  security: BY_TOKEN,
  request: {
    ...byId,
    body: {
      required: false,
      description: 'Whether it should be valid; an empty body disables it.',
      content: { 'application/json': { schema: tokenChangeSchema, example: { valid: false } } },
    },
  },
  responses: {
    ...gives(200, 'The token as it is now.', one(token, DISABLED, '/v2/user/token/7'), LIMITS),
    ...refusals('Forbidden', 'NotFound', 'ContentTooLarge'),
  },
};

const ended = z.object({
  id: z.int().positive().describe('Its number.'),
  status: z.literal(200).describe('Always 200.'),
  message: z.string().describe('The result in words.'),
});

export const ownTokenEnd: Definition = {
  operationId: 'endToken',
  summary: 'End one of your tokens',
  description: "Ends one of the caller's tokens at once and for good; for the token of a log-in that is to log out.",
  tags: ['account'],
  security: BY_TOKEN,
  request: byId,
  responses: {
    ...gives(
      200,
      'The token has ended.',
      one(ended, { id: 7, status: 200, message: 'token 7 has ended' }, '/v2/user/token/7'),
      LIMITS,
    ),
    ...refusals('NotFound'),
  },
};
