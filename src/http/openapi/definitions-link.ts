import type { LinkJson, UnlinkedJson } from '../../wire/link.js';
import { z } from '../reply/zod.js';
import { BY_TOKEN, type Definition, gives, LIMITS, one, refusals, type ShapeOf, time } from './definitions.js';

/** The body with which a link is begun; bodies are also validated with this schema. */
export const linkRequestSchema = z
  .looseObject(
    {
      server: z
        .string({ error: 'must be the address of a storage' })
        .optional()
        .describe('The address of the storage; may be omitted if only one can be connected.'),
    },
    { error: 'must be a JSON object, or nothing at all' },
  )
  .openapi('LinkRequest');

const link = z
  .object({
    state: z
      .enum(['unlinked', 'pending', 'linked', 'refused', 'lost', 'configured'])
      .describe(
        'How it is connected. "pending": a log-in in the browser is under way. "refused": the storage no longer takes the app password. "lost": the app password can no longer be read. With both, the user has to POST again. "configured": an administrator has named the space.',
      ),
    server: z.string().nullable().describe('The address of the storage; null without a link.'),
    login_name: z.string().nullable().describe('The name of the user there.'),
    linked_by: z
      .enum(['browser', 'log-in'])
      .nullable()
      .describe('Whether the user agreed in the browser, or logged in here with a password.'),
    linked_on: time.nullable().describe('When the app password was stored.'),
    login_url: z.string().nullable().describe('Where the user agrees in the browser; null if no log-in is pending.'),
    expires_on: time.nullable().describe('When that log-in expires.'),
    message: z.string().describe('What the user should know or do.'),
  } satisfies ShapeOf<LinkJson>)
  .openapi('Link');

const NONE = { server: null, login_name: null, linked_by: null, linked_on: null };
const PENDING = {
  state: 'pending',
  ...NONE,
  login_url: 'https://cloud.example.org/index.php/login/v2/flow/Zx3',
  expires_on: '2026-11-24T12:20:00.000Z',
  message: 'open login_url in a browser and agree there',
} satisfies LinkJson;
const LINKED = {
  state: 'linked',
  server: 'https://cloud.example.org/',
  login_name: 'jm',
  linked_by: 'browser',
  linked_on: '2026-11-24T12:03:00.000Z',
  login_url: null,
  expires_on: null,
  message: 'your storage is connected',
} satisfies LinkJson;

const TARGET = '/v2/user/space/link';

export const linkStart: Definition = {
  operationId: 'startLink',
  summary: 'Connect your storage',
  description:
    'Begins a log-in at the caller\'s own Nextcloud, or returns the one that is pending. The user opens "login_url" in a browser and agrees there; the storage then gives an app password for this service, which the user can see and revoke in its settings. Also renews a link whose app password the storage no longer takes.',
  tags: ['account'],
  security: BY_TOKEN,
  request: {
    body: {
      required: false,
      description: 'Empty, or the storage that is meant.',
      content: { 'application/json': { schema: linkRequestSchema, example: { server: 'https://cloud.example.org' } } },
    },
  },
  responses: {
    ...gives(202, 'The log-in that is pending.', one(link, PENDING, TARGET), LIMITS),
    ...refusals('Conflict', 'ContentTooLarge'),
  },
};

export const linkStanding: Definition = {
  operationId: 'showLink',
  summary: 'Show how your storage is connected',
  description: "Shows how the caller's own storage is connected, and what has become of a pending log-in.",
  tags: ['account'],
  security: BY_TOKEN,
  responses: { ...gives(200, 'How it stands.', one(link, LINKED, TARGET), LIMITS), ...refusals() },
};

const unlinked = z
  .object({
    state: z.literal('unlinked'),
    revoked: z.boolean().describe('Whether the storage no longer takes the app password.'),
    message: z.string().describe('The result in words.'),
  } satisfies ShapeOf<UnlinkedJson>)
  .openapi('Unlinked');

const UNLINKED = { state: 'unlinked', revoked: true, message: 'your storage is no longer connected' };

export const linkEnd: Definition = {
  operationId: 'endLink',
  summary: 'Disconnect your storage',
  description:
    "Revokes the app password at the caller's storage and forgets it, or gives a pending log-in up. The space is no longer listed; tokens stay valid.",
  tags: ['account'],
  security: BY_TOKEN,
  responses: {
    ...gives(200, 'The storage is disconnected.', one(unlinked, UNLINKED, TARGET), LIMITS),
    ...refusals('NotFound'),
  },
};
