import type { Index } from '../../app/open-index.js';
import { DURATION_FORM, parseDuration } from '../../config/fields/duration.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import type { DepartedUser, ForgottenUser } from '../../domain/model/departed.js';
import { OvadexError } from '../../domain/model/errors.js';
import { counted } from '../../domain/text/counted.js';
import { departedToJson, forgottenToJson } from '../../wire/departed.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import type { CommandAudit } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatTime, renderTable } from '../terminal/table.js';
import { lineOfForgotten } from './forget.js';

export interface ForgetDepartedOptions {
  readonly config: string;
  /** Only users who left at least this long ago, such as 30d. */
  readonly older?: string;
  /** Lists the users without deleting anything. */
  readonly list?: boolean;
  readonly json?: boolean;
}

export interface ForgetDepartedDeps {
  readonly open: (
    config: Config,
    options: { readonly readonly: boolean },
  ) => Promise<Pick<Index, 'clock' | 'forget' | 'departed' | 'close'>>;
  readonly audit: CommandAudit;
}

/**
 * `ovadex forget --unconfigured`, or `--list`: deletes or lists all users who are no longer configured; safe while a
 * daemon runs.
 */
export async function forgetDeparted(
  options: ForgetDepartedOptions,
  io: Io,
  deps: ForgetDepartedDeps,
): Promise<number> {
  const olderMs = readAge(options.older);
  const config = await loadConfig(options.config);
  const isListed = options.list === true;
  const index = await deps.open(config, { readonly: isListed });
  try {
    // A user who is back in the file has not left, even if no daemon has read it yet.
    const configured = new Set(config.spaces.map(({ user }) => user));
    const departed = (await index.departed(index.clock() - olderMs)).filter(({ user }) => !configured.has(user));
    if (isListed) tell(departed, options, io);
    else await forgetAll(departed, { config, index, options, io, audit: deps.audit });
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

async function forgetAll(
  departed: readonly DepartedUser[],
  call: {
    readonly config: Config;
    readonly index: Pick<Index, 'forget'>;
    readonly options: ForgetDepartedOptions;
    readonly io: Io;
    readonly audit: CommandAudit;
  },
): Promise<void> {
  const { config, index, options, io, audit } = call;
  const users: ForgottenUser[] = [];
  for (const { user } of departed) {
    const counts = await index.forget(user);
    if (counts === null) continue; // deleted by another process in the meantime
    await audit(config, io, 'forget', { user, ...counts });
    users.push({ user, ...counts });
    if (options.json !== true) writeLines(io.stdout, lineOfForgotten({ user, ...counts }));
  }
  if (options.json === true) writeJson(io.stdout, { users: users.map(forgottenToJson) });
  else writeLines(io.stderr, `${counted(users.length, 'user')} forgotten`);
}

function tell(departed: readonly DepartedUser[], { json }: ForgetDepartedOptions, io: Io): void {
  if (json === true) {
    writeJson(io.stdout, { users: departed.map((each) => departedToJson(each, timestampInSeconds)) });
    return;
  }
  if (departed.length > 0) writeLines(io.stdout, renderTable(COLUMNS, departed));
  writeLines(io.stderr, `${counted(departed.length, 'user')} no longer configured`);
}

const COLUMNS: readonly Column<DepartedUser>[] = [
  { head: 'USER', value: ({ user }) => user },
  { head: 'LEFT', value: ({ leftAt }) => formatTime(leftAt) ?? '-' },
  { head: 'IMAGES', align: 'right', value: ({ images }) => images },
  { head: 'COLLECTIONS', align: 'right', value: ({ collections }) => collections },
  { head: 'TOKENS', align: 'right', value: ({ tokens }) => tokens },
];

/** Returns milliseconds; 0 if the option is omitted. */
function readAge(text: string | undefined): number {
  const age = text === undefined ? 0 : parseDuration(text);
  if (age === null) throw new OvadexError('usage', `--older: "${text}" must be ${DURATION_FORM}`);
  return age;
}
