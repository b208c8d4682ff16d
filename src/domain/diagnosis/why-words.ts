import { quote } from '../text/quote.js';
import type { PathReason } from './why.js';

/** A reason in words, and what to do; null if nothing needs doing. */
export interface ExplainedReason {
  readonly isListed: boolean;
  readonly message: string;
  readonly action: string | null;
}

/** What the reader of an explanation can do. */
export interface Advice {
  /** Has the space checked now. */
  readonly sync: string;
  /** About a removal that is held. */
  readonly held: string;
  readonly excluded: string;
  readonly tooDeep: string;
  /** The storage refused the credentials. */
  readonly suspended: string;
  /** The account that reads the space may not list a folder. */
  readonly closed: string;
}

/** In the words of the configuration and of the commands. */
export const OPERATOR = (user: string): Advice => ({
  sync: `ovadex sync --user ${user} checks now`,
  held: `ovadex held --user ${user} tells why its removal is held; ovadex accept or ovadex keep decides`,
  excluded: 'see crawl.exclude and crawl.excludeDefaults in the configuration',
  tooDeep: 'raise crawl.maxDepth, or move it up',
  suspended: `correct its auth settings, then ovadex resume --user ${user}`,
  closed: "give ovadex's account the right to list it",
});

/** In the words of the API, for the space's own user; `mayLink`: they may connect their storage themselves. */
export const OWNER = (mayLink: boolean): Advice => ({
  sync: 'PATCH /v2/user/image/vm has it checked now',
  held: 'its removal is held until an administrator decides: ask them',
  excluded: 'move or rename it, or ask an administrator for another rule',
  tooDeep: 'move it up',
  suspended: mayLink
    ? 'connect your storage again by POST /v2/user/space/link'
    : 'log in again by POST /auth/request-token, or ask an administrator to correct the credentials',
  closed: 'give the account by which the service reads your space the right to list it',
});

/** Explains a reason, and what to do about it. `nextSyncAt` and `now` are in ms since the epoch. */
export function describeReason(
  reason: PathReason,
  advice: Advice,
  { nextSyncAt, now }: { readonly nextSyncAt: number | null; readonly now: number },
): ExplainedReason {
  const told = (message: string, action: string | null = null) => ({ isListed: false, message, action });
  const syncNow = `${nextLook(nextSyncAt, now)}; ${advice.sync}`;
  switch (reason.kind) {
    case 'listed':
      return reason.isSettled
        ? { isListed: true, message: 'it is listed', action: null }
        : {
            isListed: true,
            message: 'it is listed, but may still be being uploaded: it has changed lately',
            action: `wait until it is complete; ${syncNow}`,
          };
    case 'held': {
      const message = `it is still listed, but the storage has not shown it since ${time(reason.since)}`;
      const action = reason.isHeld ? advice.held : `a second check decides: ${syncNow}`;
      return { isListed: true, message, action };
    }
    case 'excluded': {
      const how = `${quote(reason.glob)} excludes ${folder(reason.at)}`;
      return told(how, advice.excluded);
    }
    case 'no-image':
      return reason.isAppleDouble
        ? told(
            `${quote(reason.name)} is metadata that macOS writes beside a file, not an image: names that begin with "._" are excluded`,
          )
        : told(
            `${quote(reason.name)} is not an image: only names that end in .ova or .ovf are listed`,
            'rename it if it is one',
          );
    case 'too-deep':
      return told(`it lies ${reason.depth} folders deep, and only ${reason.maxDepth} are followed`, advice.tooDeep);
    case 'suspended':
      return told(
        `the space has been suspended since ${time(reason.since)}: its storage refused the credentials (${reason.message})`,
        advice.suspended,
      );
    case 'failing':
      return told(
        `the last sync, at ${time(reason.since)}, failed: ${reason.message}; the list stays as it was`,
        syncNow,
      );
    case 'never-synced':
      return told('no sync of the space has finished yet', syncNow);
    case 'folder-closed':
      return told(
        `${folder(reason.folder)} could not be listed at the last sync: ${reason.message}`,
        `${advice.closed}; ${syncNow}`,
      );
    case 'gone':
      return told(`it was listed until ${time(reason.since)}, when the storage no longer had it`, syncNow);
    case 'folder-unknown':
      return told(
        `${folder(reason.folder)} was not there at the last check${at(reason.lookedAt)}`,
        `check the spelling, including upper and lower case; ${syncNow}`,
      );
    case 'folder-unlisted':
      return told(`${folder(reason.folder)} is known, but has not been listed yet`, syncNow);
    case 'not-there':
      return told(
        `it was not in ${folder(reason.folder)} when that was last checked${at(reason.lookedAt)}`,
        `check the spelling, including upper and lower case; ${syncNow}`,
      );
    case 'not-seen':
      return told(`no image of that name was in the space when it was last checked${at(reason.lookedAt)}`, syncNow);
  }
}

function folder(path: string): string {
  return path === '' ? "the space's root" : quote(path);
}

function at(lookedAt: number | null): string {
  return lookedAt === null ? '' : `, at ${time(lookedAt)}`;
}

function nextLook(nextSyncAt: number | null, now: number): string {
  // One that is due may wait for its turn, or for a daemon that doesn't run.
  const isAhead = nextSyncAt !== null && nextSyncAt > now;
  return isAhead ? `the next check is at ${time(nextSyncAt)}` : 'the next sync checks it again';
}

function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
