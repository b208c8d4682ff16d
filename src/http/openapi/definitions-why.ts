import type { ExplanationJson } from '../../wire/explanation.js';
import { z } from '../reply/zod.js';
import { BY_TOKEN, type Definition, gives, LIMITS, list, OF_LISTS, refusals, type ShapeOf } from './definitions.js';

/** Every word that `reason` may be; a client is told of all of them. */
export const REASONS = [
  ...(['listed', 'held', 'excluded', 'no-image', 'too-deep', 'suspended', 'failing', 'never-synced'] as const),
  ...(['folder-closed', 'gone', 'folder-unknown', 'folder-unlisted', 'not-there', 'not-seen', 'no-space'] as const),
];

const explanation = z
  .object({
    path: z.string().describe('The path that is explained; for a name that is known nowhere, that name.'),
    listed: z.boolean().describe('Whether it is in the list.'),
    reason: z.enum(REASONS).describe('The reason, as a word for programs.'),
    message: z.string().describe('The reason in words.'),
    action: z.string().nullable().describe('What to do about it; null if nothing needs doing.'),
    elsewhere: z
      .array(z.string())
      .describe('Some other places in the space where an image of that name is listed, in any case or Unicode form.'),
  } satisfies ShapeOf<ExplanationJson>)
  .openapi('Explanation');

const AN_EXPLANATION = {
  path: 'images/ubuntu.ova',
  listed: false,
  reason: 'not-there',
  message: 'it was not in "images" when that was last checked, at 2026-11-24T11:55:00Z',
  action:
    'check the spelling, including upper and lower case; the next check is at 2026-11-24T12:10:00Z; PATCH /v2/user/image/vm has it checked now',
  elsewhere: ['old/Ubuntu.ova'],
} satisfies ExplanationJson;

export const imageWhy: Definition = {
  operationId: 'explainImage',
  summary: 'Explain why an image is listed or not',
  description:
    "Explains why an image is in the list of the caller's own space or is not: the one at a path, or all that are known by a name, at most 20. The storage is not asked; what it last showed is.",
  tags: ['images'],
  security: BY_TOKEN,
  request: {
    query: z.object({
      path: z
        .string()
        .optional()
        .meta({
          description: "The image's path below the root of the space, or its URL. Either this or name has to be given.",
          examples: ['images/ubuntu.ova'],
        }),
      name: z
        .string()
        .optional()
        .meta({
          description: "The image's whole name, in any case, wherever it may lie.",
          examples: ['ubuntu.ova'],
        }),
    }),
  },
  responses: {
    ...gives(
      200,
      'An explanation for each place.',
      list(explanation, AN_EXPLANATION, '/v2/image/why?path=images/ubuntu.ova'),
      [...OF_LISTS, ...LIMITS],
    ),
    ...refusals(),
  },
};
