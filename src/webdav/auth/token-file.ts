import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Clock } from '../../domain/ports/clock.js';
import { UnusableCredentials } from '../failure/failure.js';

/** Reads one line from a file, or says why it can't, without quoting its content. */
export type ReadSecret = (file: string) => Promise<{ readonly secret: string } | { readonly problem: string }>;

/** A bearer token that another program renews in its file. */
export interface TokenFile {
  /** Returns the file's token, at most a second old. Rejects with `UnusableCredentials` if the file contains none. */
  token(): Promise<string>;
  /** Returns the token of the file as it is now. */
  reread(): Promise<string>;
}

/** A crawl asks hundreds of times a second; tokens are renewed minutes before they expire, and a 401 checks at once. */
const LOOK_EVERY_MS = 1_000;
/** RFC 6750 2.1 allows less than this; no token has other characters, and none of these can break out of the header. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Creates one token file for all requests that use it, which share its checks and reads. */
export function createTokenFile(
  file: string,
  { readSecret, clock }: { readSecret: ReadSecret; clock: Clock },
): TokenFile {
  let held: Promise<string> | null = null;
  let stamp: string | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const read = async (): Promise<string> => {
    const answer = await readSecret(file);
    if ('secret' in answer && TOKEN.test(answer.secret)) return answer.secret;
    const problem = 'problem' in answer ? answer.problem : 'must contain a token without spaces';
    // Only the file's name is shown, since users see this, too.
    throw new UnusableCredentials(`the tokenFile "${basename(file)}" can't be used: it ${problem}`);
  };
  /** A stamp older than the content does no harm: the next check finds a different one. */
  const look = async (before: Promise<string> | null): Promise<string> => {
    const latest = await stampOf(file);
    if (before !== null && latest !== null && latest === stamp) return before;
    stamp = latest;
    return read();
  };

  return {
    token() {
      const age = clock() - lookedAt;
      if (held === null || age < 0 || age >= LOOK_EVERY_MS) {
        lookedAt = clock();
        held = look(held);
      }
      return held;
    },
    reread() {
      lookedAt = clock();
      held = look(null);
      return held;
    },
  };
}

/** Returns a stamp that changes whenever the file is written or replaced; null if it can't be examined. */
async function stampOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null; // reading it will say why
    throw error;
  }
}
