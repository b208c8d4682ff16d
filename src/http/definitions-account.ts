import { z } from '@hono/zod-openapi';
import { type Definition, gives } from './definitions.js';

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
