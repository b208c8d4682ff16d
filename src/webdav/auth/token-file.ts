import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Clock } from '../../domain/ports.js';
import { UnusableCredentials } from '../failure/failure.js';

/** Reads one line from a file, or says why that is none, without a word of what the file holds. */
export type ReadSecret = (file: string) => Promise<{ readonly secret: string } | { readonly problem: string }>;

/** A bearer token that somebody else renews in its file. */
export interface TokenFile {
  /** The file's token, at most a second old. Rejects with `UnusableCredentials` where the file holds none. */
  token(): Promise<string>;
  /** The same, from the file as it is now. */
  reread(): Promise<string>;
}

/** A crawl asks hundreds of times a second; a token is renewed minutes before it ends, and a 401 looks at once. */
const LOOK_EVERY_MS = 1_000;
/** RFC 6750 2.1 allows less; no token has anything else, and nothing of it can break out of its header. */
const TOKEN = /^[\x21-\x7e]+$/;

/** One for all requests that use the file: they share each look and each reading. */
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
    const problem = 'problem' in answer ? answer.problem : 'must hold a token without spaces';
    // By its name alone: users are told of it, too.
    throw new UnusableCredentials(`the tokenFile "${basename(file)}" can't be used: it ${problem}`);
  };
  /** A stamp that is older than what is read does no harm: the next look sees another one. */
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

/** Differs whenever the file was written or replaced; null where it can't be looked at. */
async function stampOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null; // reading it says why
    throw error;
  }
}
