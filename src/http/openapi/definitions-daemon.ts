import type { Finding } from '../../domain/diagnosis/finding.js';
import { ALIKE_SECTIONS } from '../../domain/diagnosis/host-differences.js';
import type {
  BackupJson,
  BackupsJson,
  ClusterHostJson,
  ConfigurationJson,
  CopyJson,
  DatabaseJson,
  HealthJson,
  ReloadJson,
} from '../../wire/daemon.js';
import { z } from '../reply/zod.js';
import { BY_ADMIN, count, type Definition, gives, LIMITS, one, refusals, type ShapeOf, time } from './definitions.js';
import { A_CHECK, check } from './definitions-service.js';

const warnings = z.array(z.string()).describe('Settings that are allowed, but probably unintended.');
const waitsForRestart = z
  .array(z.string())
  .describe('Sections of which a change takes effect at the next start of the daemon.');

const copy = z.object({
  name: z.string().describe('The name of its file.'),
  size: count.describe('In bytes.'),
  made_on: time.describe('When it was made, by its name.'),
  schema: count.nullable().describe('The schema of the index in it; null if it cannot be read.'),
  before_migration: z.boolean().describe('Whether it was made because a new version was about to change the schema.'),
  valid: z
    .boolean()
    .describe(
      'Whether it looks whole, by its size and its header. Every copy was read from end to end when it was made.',
    ),
  problem: z.string().nullable().describe('What is wrong with it; null if nothing is.'),
} satisfies ShapeOf<CopyJson>);

const hostInCluster = z.object({
  host: z.string().describe('Its name; behind a colon its data directory, unless that is the usual one.'),
  roles: z.array(z.string()).describe('What it does: `api`, `crawler`.'),
  version: z.string().describe('Version of its program.'),
  started_on: time.describe('When its daemon was started.'),
  seen_on: time.describe('When it was last heard of.'),
  there: z.boolean().describe('Whether that was less than a minute ago.'),
  leads: z.boolean().describe('Whether it leads the hosts that crawl: its configuration says which spaces there are.'),
  differs_in: z
    .array(z.enum(ALIKE_SECTIONS))
    .describe('In which respects its configuration differs from that of most hosts, though it has to be alike.'),
} satisfies ShapeOf<ClusterHostJson>);

const healthSchema = z
  .object({
    as_of: time.describe('When sizes and findings were looked at; the checks are of this moment.'),
    version: z.string().describe('Version of the program.'),
    node: z.string().describe('Version of Node.js.'),
    sqlite: z.string().nullable().describe('Version of SQLite; null if another engine keeps the index.'),
    started_on: time.describe('When the daemon was started.'),
    uptime_seconds: count.describe('How long it has been running.'),
    checks: z.array(check).describe('The checks of `/readyz`.'),
    database: z
      .object({
        file: z.string().describe('The file of the index, or the address of its database without a password.'),
        engine: z.string().describe('What keeps it, and its version: "SQLite 3.50.4", "PostgreSQL 15.8".'),
        size: count.describe('Its size in bytes.'),
        wal_size: count.describe('The size of its write-ahead log in bytes.'),
        free_size: count.describe('Room in the file that is used next, in bytes.'),
        schema: count.describe('The version of its schema.'),
      } satisfies ShapeOf<DatabaseJson>)
      .describe('Where the index is.'),
    backups: z
      .object({
        directory: z.string().describe('Where they are.'),
        keep: count.describe('How many of each kind are kept: made on request, and before a migration.'),
        running: z
          .object({ name: z.string(), started_on: time })
          .nullable()
          .describe('The one that is being made; null if none is.'),
        last_failure: z
          .object({ name: z.string(), failed_on: time, reason: z.string() })
          .nullable()
          .describe('Why the last one that was requested since the start was not made; null if it was.'),
        copies: z.array(copy).describe('The newest first, at most 50.'),
      } satisfies ShapeOf<BackupsJson>)
      .describe('Copies of the index in the data directory.'),
    configuration: z
      .object({
        file: z.string().nullable().describe('The file that the daemon reads; null if it has none.'),
        text: z.string().describe('What is in effect, in the form of the file: with defaults, and without secrets.'),
        warnings,
        spaces_left_out: count.describe('Spaces that the text leaves out, as there are more than 200.'),
        waits_for_restart: waitsForRestart,
        refused: z.string().nullable().describe('Why the file is refused as it is now; null if it is not.'),
        pending: z.string().nullable().describe('Why the text is not in effect yet; null if it is.'),
      } satisfies ShapeOf<ConfigurationJson>)
      .describe('The configuration.'),
    cluster: z.array(hostInCluster).describe('The hosts that share the index in a database; none if a file keeps it.'),
    findings: z
      .array(
        z.object({
          area: z
            .enum(['configuration', 'files', 'disk', 'index', 'clock', 'host', 'storage', 'space', 'sample', 'webhook'])
            .describe('What was looked at.'),
          subject: z.string().describe('A file, an address, a user, a webhook, a host.'),
          severity: z
            .enum(['ok', 'note', 'warning', 'problem'])
            .describe(
              '`note`: worth knowing; `warning`: something should be done; `problem`: something does not work.',
            ),
          message: z.string().describe('What was found.'),
          action: z.string().nullable().describe('What to do; null if nothing need be done.'),
        } satisfies ShapeOf<Finding>),
      )
      .describe(
        'What `ovadex doctor` finds without asking a storage or a receiver; of spaces in trouble the first five of each kind.',
      ),
  } satisfies ShapeOf<HealthJson>)
  .openapi('Health');

const A_COPY = {
  name: 'ovadex-20261124T100000000Z.db',
  size: 1_048_576,
  made_on: '2026-11-24T10:00:00.000Z',
  schema: 25,
  before_migration: false,
  valid: true,
  problem: null,
} satisfies CopyJson;
const A_HEALTH = {
  as_of: '2026-11-24T12:00:00.000Z',
  version: '1.0.0',
  node: '20.20.0',
  sqlite: '3.50.4',
  started_on: '2026-11-23T12:00:00.000Z',
  uptime_seconds: 86_400,
  checks: [{ ...A_CHECK }],
  database: {
    file: '/data/ovadex/index.db',
    engine: 'SQLite 3.50.4',
    size: 1_048_576,
    wal_size: 4_120_032,
    free_size: 8_192,
    schema: 25,
  },
  backups: {
    directory: '/data/ovadex/backups',
    keep: 3,
    running: null,
    last_failure: null,
    copies: [A_COPY],
  },
  configuration: {
    file: '/config/ovadex.yaml',
    text: 'server:\n  listen: 127.0.0.1:8080\n',
    warnings: [],
    spaces_left_out: 0,
    waits_for_restart: [],
    refused: null,
    pending: null,
  },
  cluster: [],
  findings: [
    {
      area: 'files',
      subject: '/data/ovadex',
      severity: 'ok',
      message: 'writable, and closed to others',
      action: null,
    },
  ],
} satisfies HealthJson;

export const adminHealth: Definition = {
  operationId: 'showHealth',
  summary: 'Show how the daemon is doing',
  description:
    'Shows versions, checks, the index as a file, its copies, the configuration in effect without secrets, and what is wrong. Checks, sizes and findings are looked at once for all who ask within a second.',
  tags: ['administration'],
  security: BY_ADMIN,
  responses: {
    ...gives(200, 'Its health.', one(healthSchema, A_HEALTH, '/v2/admin/health'), LIMITS),
    ...refusals('Forbidden'),
  },
};

const backup = z
  .object({
    name: z.string().describe('The name of its file, in the directory that `/v2/admin/health` names.'),
    state: z
      .enum(['done', 'running'])
      .describe('`running`: `/v2/admin/health` tells when it is done, or why it failed.'),
    size: count.nullable().describe('In bytes; null while it is being made.'),
    started_on: time.describe('When it was begun: it has what the index had then.'),
  } satisfies ShapeOf<BackupJson>)
  .openapi('Backup');
const A_BACKUP = {
  name: A_COPY.name,
  state: 'done',
  size: A_COPY.size,
  started_on: A_COPY.made_on,
} satisfies BackupJson;
const A_RUNNING_BACKUP = { ...A_BACKUP, state: 'running', size: null } satisfies BackupJson;

export const adminBackup: Definition = {
  operationId: 'makeBackup',
  summary: 'Back up the index',
  description:
    'Copies the index to a new file in the data directory and checks the copy, one at a time. Of copies made so, the newest `data.keepBackups` stay. What takes longer than five seconds goes on after the answer.',
  tags: ['administration'],
  security: BY_ADMIN,
  responses: {
    ...gives(201, 'It is made and checked.', one(backup, A_BACKUP, '/v2/admin/backup'), LIMITS),
    ...gives(202, 'It is being made.', one(backup, A_RUNNING_BACKUP, '/v2/admin/backup'), LIMITS),
    ...refusals('Forbidden', 'Conflict', 'NoBackup'),
  },
};

const reload = z
  .object({
    state: z
      .enum(['applied', 'pending'])
      .describe('`pending`: the crawler could not switch to it yet, which is tried every minute.'),
    changed: z.array(z.string()).describe('Sections that differ from those in effect before.'),
    waits_for_restart: waitsForRestart,
    warnings,
    reason: z.string().nullable().describe('Why it is pending; null if it is not.'),
  } satisfies ShapeOf<ReloadJson>)
  .openapi('Reload');
const A_RELOAD = {
  state: 'applied',
  changed: ['spaces', 'log'],
  waits_for_restart: ['log'],
  warnings: [],
  reason: null,
} satisfies ReloadJson;

export const adminReload: Definition = {
  operationId: 'reloadConfiguration',
  summary: 'Read the configuration file again',
  description:
    'Reads the configuration file again, changed or not, and applies it as a change of the file or SIGHUP does. A file that is not valid changes nothing.',
  tags: ['administration'],
  security: BY_ADMIN,
  responses: {
    ...gives(200, 'It is valid.', one(reload, A_RELOAD, '/v2/admin/reload'), LIMITS),
    ...refusals('Forbidden', 'Conflict', 'ConfigurationRefused'),
  },
};
