import { SPACE_STATES } from '../../domain/lists/space-states.js';
import type { SpaceState } from '../../domain/model/space.js';
import type { AuditJson } from '../../wire/daemon.js';
import type { AttentionJson, HourJson, OverviewJson, StockJson, StorageRequestsJson } from '../../wire/overview.js';
import type { EvidenceJson, SpaceDetailsJson } from '../../wire/space.js';
import { z } from '../reply/zod.js';
import {
  BY_ADMIN,
  count,
  type Definition,
  gives,
  LIMITS,
  list,
  OF_LISTS,
  one,
  refusals,
  type ShapeOf,
  time,
} from './definitions.js';
import { A_SPACE, oneSpace, space } from './definitions-spaces.js';
import { AN_ADMIN_SYNC, syncForAdmins } from './definitions-syncs.js';

const evidenceOf = z
  .enum(['none', 'seen', 'refuted'])
  .describe('`seen` after it was right, `refuted` after it was wrong, until full syncs in a row have proved it anew.');

const spaceDetails = z
  .object({
    ...space.shape,
    evidence: z
      .object({
        names: evidenceOf,
        names_proofs: count.describe('Full syncs in a row that have proved it since it was refuted.'),
        subtree: evidenceOf,
        subtree_proofs: count.describe('The same for everything below a folder.'),
        search: evidenceOf,
        search_proofs: count.describe("The same for the storage's search."),
      } satisfies ShapeOf<EvidenceJson>)
      .describe(
        "What was seen of ETags and dates: whether they prove the names in a folder, and all below; and of the storage's search.",
      ),
    held_reasons: z.array(z.string()).describe('Why a removal is held, in words; empty if none is.'),
    last_sync: z
      .union([syncForAdmins, z.null()])
      .describe(
        'The last sync of the whole space that ended by itself. Its warnings name the folders that could not be listed, and why.',
      ),
    running_sync: z.union([syncForAdmins, z.null()]).describe('The sync that runs now, with what it has done so far.'),
  } satisfies ShapeOf<SpaceDetailsJson>)
  .openapi('SpaceDetails');
const A_DETAILED_SPACE = {
  ...A_SPACE,
  evidence: {
    names: 'seen',
    names_proofs: 0,
    subtree: 'refuted',
    subtree_proofs: 2,
    search: 'none',
    search_proofs: 0,
  },
  held_reasons: [],
  last_sync: AN_ADMIN_SYNC,
  running_sync: null,
} satisfies SpaceDetailsJson;

export const spaceByUser: Definition = {
  ...oneSpace('/v2/admin/space/jm'),
  operationId: 'showSpace',
  summary: 'Show a space',
  description: 'Shows the condition of one space, what is known of its storage, and its last and running sync.',
  responses: {
    ...gives(200, 'The space.', one(spaceDetails, A_DETAILED_SPACE, '/v2/admin/space/jm'), LIMITS),
    ...refusals('Forbidden', 'NotFound'),
  },
};

const stateCounts = Object.fromEntries(
  SPACE_STATES.map((state) => [state, count.describe(`Spaces that are ${state}.`)]),
) as Record<SpaceState, typeof count>;
const troubled = (what: string) =>
  z.object({
    count: count.describe(`How many spaces ${what}.`),
    users: z.array(z.string()).describe('The first few of their users, by name.'),
  });

const overviewSchema = z
  .object({
    as_of: time.describe('When this was found out.'),
    spaces_by_state: z.object(stateCounts).describe('How many spaces are in each state.'),
    images: count.describe('Images that are listed, of all spaces.'),
    collections: count.describe('Collections that are known, of all spaces.'),
    size: count.nullable().describe('The sizes of all images together, in bytes; counted once an hour, or null.'),
    size_as_of: time.nullable().describe('The hour in which they were counted, or null.'),
    oldest: z
      .object({ user: z.string(), synced_on: time })
      .nullable()
      .describe('The space whose last sync that listed everything is the oldest; null if there is none.'),
    waiting_syncs: count.describe('Syncs that wait.'),
    running_syncs: count.describe('Syncs that run.'),
    attention: z
      .object({
        held: troubled('have a removal that waits for a decision'),
        suspended: troubled('are suspended, since their storage refused the credentials'),
        failing: troubled('had a last sync that failed'),
        webhooks: z
          .array(z.object({ name: z.string(), dead_spaces: count }))
          .describe('Webhooks that were given up, and for how many spaces.'),
      } satisfies ShapeOf<AttentionJson>)
      .describe('What needs a person.'),
    storage_requests: z
      .object({
        outcomes: z.record(z.string(), count).describe('How many were answered, or why they brought no listing.'),
        latency: z
          .array(z.object({ up_to_seconds: z.number().nullable(), count }))
          .describe('How many took no longer than this, and longer than the one before; null: longer than all.'),
        total_seconds: z.number().nonnegative().describe('How long they took together.'),
      } satisfies ShapeOf<StorageRequestsJson>)
      .describe("Requests to storages since the daemon's start."),
    hours: z
      .array(
        z.object({
          hour: time.describe('Its beginning.'),
          syncs: count.describe('Syncs that ended in it.'),
          failed: count.describe('Of these, those that failed.'),
          added: count.describe('Images that they found.'),
          deleted: count.describe('Images that they found gone.'),
        } satisfies ShapeOf<HourJson>),
      )
      .describe('The last 48 hours, this one included.'),
    history: z
      .array(
        z.object({
          hour: time.describe('The hour in which this was counted.'),
          spaces: count.describe('Configured spaces.'),
          images: count.describe('Images that were listed.'),
          size: count.describe('Their sizes together, in bytes.'),
        } satisfies ShapeOf<StockJson>),
      )
      .describe(
        'How this has changed, over two years at most: up to 400 hours, evenly in time, the first and the last that are known among them.',
      ),
  } satisfies ShapeOf<OverviewJson>)
  .openapi('Overview');

const AN_OVERVIEW = {
  as_of: '2026-11-24T12:00:00.000Z',
  spaces_by_state: { fresh: 95, pending: 1, stale: 0, failing: 2, held: 1, suspended: 1 },
  images: 1_200,
  collections: 4_000,
  size: 1_288_490_188_800,
  size_as_of: '2026-11-24T12:00:00.000Z',
  oldest: { user: 'kim', synced_on: '2026-11-23T02:10:00.000Z' },
  waiting_syncs: 0,
  running_syncs: 3,
  attention: {
    held: { count: 1, users: ['jm'] },
    suspended: { count: 1, users: ['lab'] },
    failing: { count: 2, users: ['kim', 'lee'] },
    webhooks: [{ name: 'deployer', dead_spaces: 4 }],
  },
  storage_requests: {
    outcomes: { answered: 4_200, timeout: 3 },
    latency: [
      { up_to_seconds: 0.1, count: 4_100 },
      { up_to_seconds: 1, count: 100 },
      { up_to_seconds: null, count: 3 },
    ],
    total_seconds: 151.2,
  },
  hours: [{ hour: '2026-11-24T12:00:00.000Z', syncs: 400, failed: 2, added: 12, deleted: 1 }],
  history: [{ hour: '2026-11-24T12:00:00.000Z', spaces: 100, images: 1_200, size: 1_288_490_188_800 }],
} satisfies OverviewJson;

export const adminOverview: Definition = {
  operationId: 'showOverview',
  summary: 'Show all spaces at a glance',
  description:
    'Shows how all spaces are doing, what needs a person, and how that has changed. Everybody who asks within a second gets the same.',
  tags: ['administration'],
  security: BY_ADMIN,
  responses: {
    ...gives(200, 'The overview.', one(overviewSchema, AN_OVERVIEW, '/v2/admin/overview'), LIMITS),
    ...refusals('Forbidden'),
  },
};

const auditEntry = z
  .object({
    time: time.describe('When it was done.'),
    host: z.string().nullable().describe('The host on which it was done; null if a file keeps the index.'),
    act: z.string().describe('What was done, such as `sync`, `accept`, `forget` or `backup`.'),
    by: z.string().describe('The user of the token, or the account of the command line.'),
    from: z.string().describe('The address that it came from, or `command line`.'),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .describe('What it was done to, and how.'),
    outcome: z.string().describe('`done`, or why it was not.'),
  } satisfies ShapeOf<AuditJson>)
  .openapi('AuditEntry');
const AN_ENTRY = {
  time: '2026-11-24T12:00:00.000Z',
  host: null,
  act: 'accept',
  by: 'root',
  from: '192.0.2.7',
  details: { user: 'jm', request: '0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f' },
  outcome: 'done',
} satisfies AuditJson;

export const adminAudit: Definition = {
  operationId: 'listAudit',
  summary: 'List what administrators have done',
  description:
    'Lists the newest entries of the audit log, the newest first: those of all hosts if a database keeps the index. Files that were rotated are read as well.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: {
    query: z.object({
      limit: z
        .int()
        .min(1)
        .max(1_000)
        .optional()
        .meta({ description: 'How many at most; 100 if left out.', examples: [100] }),
    }),
  },
  responses: {
    ...gives(200, 'The entries.', list(auditEntry, AN_ENTRY, '/v2/admin/audit'), [...OF_LISTS, ...LIMITS]),
    ...refusals('Forbidden'),
  },
};
