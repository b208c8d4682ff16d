import { keysOfLinks, openLinks, type Rotated, revokeLinkOnce, rotateLinkKey } from '../../app/link-keeping.js';
import { openLink } from '../../app/linked-spaces.js';
import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { OpenedLink } from '../../domain/model/link.js';
import { counted } from '../../domain/text/counted.js';
import { adminLinkToJson } from '../../wire/link.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatTime, renderTable } from '../terminal/table.js';

export interface LinkOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface LinkDeps {
  readonly open: (config: Config, options?: { readonly readonly: boolean }) => Promise<Pick<Index, 'links' | 'close'>>;
  readonly audit: CommandAudit;
}

/** `ovadex link list`: lists users who have connected their own storage, without their app passwords. */
export async function listLinks(options: LinkOptions, io: Io, { open }: LinkDeps): Promise<number> {
  const config = await loadConfig(options.config);
  const index = await open(config, { readonly: true });
  try {
    const links = await openLinks(config, index.links);
    if (options.json === true) {
      writeJson(io.stdout, { links: links.map((link) => adminLinkToJson(link, timestampInSeconds)) });
    } else if (links.length > 0) writeLines(io.stdout, renderTable(COLUMNS, links));
    else writeLines(io.stderr, 'nobody has connected a storage');
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex link remove`: ends a user's link and revokes its app password; a running daemon notices within a minute. */
export async function removeLink(
  options: LinkOptions & { readonly user: string },
  io: Io,
  { open, audit }: LinkDeps,
): Promise<number> {
  const { user } = options;
  const config = await loadConfig(options.config);
  const index = await open(config);
  try {
    const keys = await keysOfLinks(config);
    const record = await index.links.remove(user);
    if (record === null) {
      throw new OvadexError('not-found', `"${user}" has connected no storage; see "ovadex link list"`);
    }
    const link = openLink(record, keys);
    const unrevoked = await revokeLinkOnce(config, link);
    await audit(config, io, 'unlink', { user, revoked: unrevoked === null });
    const rest = unrevoked === null ? '' : `; its app password could not be revoked there: ${unrevoked}`;
    writeLines(io.stderr, `"${printable(user)}" is no longer linked to ${link.server}${printable(rest)}`);
    return EXIT.ok;
  } catch (error) {
    await audit(config, io, 'unlink', { user }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

/** `ovadex link rotate-key`: replaces the key of all app passwords; if it is interrupted, the next one goes on. */
export async function rotateKey(options: LinkOptions, io: Io, { open, audit }: LinkDeps): Promise<number> {
  const config = await loadConfig(options.config);
  const index = await open(config);
  try {
    const rotated = await rotateLinkKey(config, index.links, new AbortController().signal);
    const { links, unreadable } = rotated;
    await audit(config, io, 'link rotate-key', { links, unreadable });
    if (options.json === true) writeJson(io.stdout, { links, unreadable, left_in: rotated.leftIn });
    else writeLines(io.stderr, ...linesOf(rotated));
    return EXIT.ok;
  } catch (error) {
    await audit(config, io, 'link rotate-key', {}, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

function linesOf({ links, unreadable, leftIn }: Rotated): readonly string[] {
  return [
    `${counted(links, 'link')} sealed with the new key`,
    ...(leftIn === null ? [] : [`${leftIn}: now remove all lines but the first, and restart the daemon`]),
    ...(unreadable === 0
      ? []
      : [
          `${counted(unreadable, 'link')} opened by no key: ${unreadable === 1 ? 'its user has' : 'their users have'} to connect again`,
        ]),
  ];
}

const COLUMNS: readonly Column<OpenedLink>[] = [
  { head: 'USER', value: ({ user }) => user },
  { head: 'STORAGE', value: ({ server }) => server },
  { head: 'LOG-IN NAME', value: ({ loginName }) => loginName },
  { head: 'BY', value: ({ via }) => via },
  { head: 'SINCE', value: ({ linkedAt }) => formatTime(linkedAt) ?? '-' },
  { head: 'KEY', value: ({ password }) => (password === null ? 'LOST' : 'ok') },
];
