import { MAX_HINTS } from '../../domain/model/path-hint.js';
import type { EventHintJson, HintTicketJson, PlainHintJson } from '../../wire/hint.js';
import { z } from '../reply/zod.js';
import { BY_HINTER, count, type Definition, gives, LIMITS, one, refusals, type ShapeOf } from './definitions.js';

const plainHint = z
  .strictObject(
    {
      user: z.string().min(1).describe('The user in whose space something changed.'),
      path: z
        .string()
        .describe(
          'What changed, below the root of the space; with a slash at its end, the folder in which something did.',
        ),
    } satisfies ShapeOf<PlainHintJson>,
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'is unknown; allowed are user and path' : undefined) },
  )
  .openapi('Hint');

const node = z.looseObject({ path: z.string() }).describe('A file or folder by its path, which begins with its user.');

const eventHint = z
  .looseObject({
    event: z.looseObject({
      class: z.string().describe('The class of the event. Those that are no changes of files are ignored.'),
      node: node.optional(),
      source: node.optional(),
      target: node.optional(),
    } satisfies ShapeOf<EventHintJson['event']>),
  } satisfies ShapeOf<EventHintJson>)
  .openapi('EventHint');

/** The hints of a request; bodies are also validated with this schema. */
export const hintsSchema = z.union([plainHint, eventHint, z.array(z.union([plainHint, eventHint])).max(MAX_HINTS)], {
  error: `must be {"user":"jm","path":"images/x.ova"}, an event of Nextcloud's webhook_listeners, or an array of at most ${MAX_HINTS} of these`,
});

const hintTicket = z
  .object({
    status: z.literal(202).describe('The status of the response.'),
    message: z.string().describe('What will happen, in words.'),
    received: count.describe('The number of hints in the request; those that concern no space are ignored.'),
  } satisfies ShapeOf<HintTicketJson>)
  .openapi('HintTicket');

const A_TICKET = { status: 202, message: 'what changed in known spaces will be listed', received: 1 };

export const hints: Definition = {
  operationId: 'giveHints',
  summary: 'Say that files changed',
  description:
    "Has the folders listed in which files changed, within about a second. Takes what Nextcloud's webhook_listeners sends, and the same in plain words, alone or in an array. Users and paths that are unknown are ignored; the answer does not tell.",
  tags: ['syncs'],
  security: BY_HINTER,
  request: {
    body: {
      required: true,
      description: 'Where something changed.',
      content: {
        'application/json': { schema: hintsSchema, example: { user: 'jm', path: 'images/Ubuntu_22.04.ova' } },
      },
    },
  },
  responses: {
    ...gives(202, 'The hints were taken.', one(hintTicket, A_TICKET, '/v2/hint'), LIMITS),
    ...refusals('HintScopeMissing', 'HintsTooLarge'),
  },
};
