import { z } from '@hono/zod-openapi';
import { TOKEN_SCOPES } from '../domain/token.js';
import { type Definition, gives, one } from './definitions.js';

/** What may come along with a user name and a password. */
export const logInSchema = z
  .looseObject(
    {
      otp: z
        .null({ error: 'one-time passwords are not known here; it must be null, or not be given' })
        .optional()
        .describe('A one-time password; none is known here, so null is all that is allowed.'),
    },
    { error: 'must be a JSON object, or nothing at all' },
  )
  .openapi('LogIn');

const sessionToken = z
  .object({
    token: z.string().describe('A JWT, good as a Bearer token and as a Basic user name with an empty password.'),
    type: z.literal('ACCESS').describe('What it is good for.'),
    duration: z.int().positive().describe('How long it is good, in seconds.'),
    exp: z.int().positive().describe('When it expires, in seconds since 1970.'),
    exp_date: z.iso.datetime().describe('The same as a date.'),
    valid_until: z.iso.datetime().describe('The same once more.'),
    user: z.string().describe('Whose token it is.'),
  })
  .openapi('SessionToken');

export const logIn: Definition = {
  description:
    "Gives a token for a user name and a password that the user's own storage takes. A few failures in a row end the tries for a while.",
  security: [{ password: [] }],
  request: { body: { required: false, content: { 'application/json': { schema: logInSchema } } } },
  responses: gives(200, 'The token.', sessionToken),
};

const user = z
  .object({
    username: z.string().describe('Who the token says is calling.'),
    scopes: z.array(z.enum(TOKEN_SCOPES)).describe('What the token opens beside the own space.'),
    token_expires_on: z.iso.datetime().nullable().describe('When the token expires; null: never.'),
    space: z
      .object({
        state: z.enum(['pending', 'fresh', 'stale', 'failing', 'held', 'suspended']),
        images: z.int().nonnegative(),
        synced_on: z.iso.datetime().nullable(),
      })
      .nullable()
      .describe('The own space, how many images it has and when that was last known to be all; null without one.'),
    _links: z.object({ images: z.url() }).describe('Where the own images are listed.'),
  })
  .openapi('User');

export const ownUser: Definition = {
  description: 'Shows the caller.',
  responses: gives(200, 'The caller.', one(user)),
};

/** As `one`, where nobody has to say who he is. */
function unsigned(item: z.ZodType): z.ZodType {
  return z.object({
    _links: z.object({ api: z.url(), self: z.url() }),
    data: item,
    meta: z.object({ time: z.string() }),
  });
}

export const ping: Definition = {
  description: 'Says that the API is there; needs no token.',
  security: [],
  responses: gives(200, 'It is.', unsigned(z.object({ message: z.literal('pong').describe('Always the same.') }))),
};

export const status: Definition = {
  description: 'Says whether the API can answer from its index; needs no token.',
  security: [],
  responses: gives(
    200,
    'It can.',
    unsigned(
      z.object({
        status: z.literal('ok').describe('Anything else is a problem with the status 503.'),
        version: z.string().describe('Of the program.'),
        time: z.iso.datetime().describe('By its clock.'),
      }),
    ),
  ),
};
