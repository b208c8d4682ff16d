import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Space } from '../../domain/model/space.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeLines } from '../terminal/io.js';

export interface SpaceOptions {
  readonly config: string;
  readonly user: string;
}

type SpaceIndex = Pick<Index, 'catalogue' | 'close'> & {
  readonly spaces: Pick<Index['spaces'], 'acceptRemovals' | 'refuseRemovals' | 'resume'>;
};

/** Dependencies of the commands that act on a space. */
export interface SpacesDeps {
  readonly open: (config: Config) => Promise<SpaceIndex>;
  readonly audit: CommandAudit;
}

/** `ovadex accept`: allows the held removals of a space at its next sync, which a running daemon starts at once. */
export async function acceptRemovals(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('accept', options, io, deps, async ({ id, user, heldRemovals }, index) => {
    if (heldRemovals === null) throw new OvadexError('usage', `no removal is held in the space of "${user}"`);
    await index.spaces.acceptRemovals(id);
    writeLines(io.stdout, `the space of "${printable(user)}": the next sync may remove what is gone from the storage`);
  });
}

/** `ovadex keep`: keeps the images of held removals until a removal is accepted or the storage shows them again. */
export async function keepImages(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('keep', options, io, deps, async ({ id, user, heldRemovals }, index) => {
    if (heldRemovals === null) throw new OvadexError('usage', `no removal is held in the space of "${user}"`);
    await index.spaces.refuseRemovals(id);
    writeLines(
      io.stdout,
      `the space of "${printable(user)}": held images stay until the storage shows them again or their removal is accepted`,
    );
  });
}

/** `ovadex resume`: ends the suspension of a space, which a running daemon then tries at once. */
export async function resumeSpace(options: SpaceOptions, io: Io, deps: SpacesDeps): Promise<number> {
  return await withSpace('resume', options, io, deps, async ({ id, user, trouble }, index) => {
    if (trouble?.kind !== 'unauthorized') throw new OvadexError('usage', `the space of "${user}" is not suspended`);
    await index.spaces.resume(id);
    writeLines(io.stdout, `the space of "${printable(user)}" will be tried again`);
  });
}

async function withSpace(
  what: string,
  { config: file, user }: SpaceOptions,
  io: Io,
  deps: SpacesDeps,
  act: (space: Space, index: SpaceIndex) => Promise<void>,
): Promise<number> {
  const config = await loadConfig(file);
  const index = await deps.open(config);
  try {
    const space = await index.catalogue.space(user);
    if (space === null) throw new OvadexError('not-found', `the index has no space of user "${user}"`);
    await act(space, index);
    await deps.audit(config, io, what, { user });
    return EXIT.ok;
  } catch (error) {
    await deps.audit(config, io, what, { user }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}
