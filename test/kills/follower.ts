import { setTimeout as delay } from 'node:timers/promises';
import type { ToldImage } from './receiver.js';

/** A reader of the changes of one user's list, in this process. */
export interface Follower {
  readonly user: string;
  /** By id, as of the last answer that left nothing out. */
  copy(): ReadonlyMap<number, ToldImage>;
  readonly tally: FollowerTally;
  readonly faults: readonly string[];
  stop(): Promise<void>;
}

export interface FollowerTally {
  answers: number;
  /** How often it could not go on: after a kill, and after a restore. */
  anew: number;
}

interface Answer {
  readonly data: readonly ToldImage[];
  readonly deleted: readonly ToldImage[];
  readonly meta: { readonly next_since: string; readonly has_more: boolean };
}

/** Whoever serves there is dead for a second. */
const AGAIN_MS = 20;

/** Follows them until it is stopped, whoever dies meanwhile. */
export function startFollower(base: string, user: string, token: string): Follower {
  const over = new AbortController();
  const tally: FollowerTally = { answers: 0, anew: 0 };
  const faults: string[] = [];
  let since: string | null = null;
  let images = new Map<number, ToldImage>();
  let copy: ReadonlyMap<number, ToldImage> = new Map();

  const ask = async (): Promise<void> => {
    const url = `${base}/v2/image/changes?limit=7${since === null ? '' : `&since=${since}`}`;
    const headers = { Authorization: `Bearer ${token}`, Prefer: 'wait=30' };
    const response = await fetch(url, { headers, signal: over.signal });
    const answer = (await response.json()) as Answer;
    if (response.status === 410) {
      tally.anew++;
      since = null;
      images = new Map();
      return;
    }
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
    tally.answers++;
    for (const image of answer.data) images.set(image.id, image);
    for (const { id } of answer.deleted) images.delete(id);
    since = answer.meta.next_since;
    if (answer.meta.has_more) return;
    copy = new Map(images);
    // A path leads to one image in every list that there was.
    if (new Set([...copy.values()].map(({ path }) => path)).size < copy.size)
      faults.push(`${user}: a path twice at ${since}`);
  };
  const following = (async () => {
    while (!over.signal.aborted) {
      try {
        await ask();
      } catch (error) {
        if (over.signal.aborted) return;
        // Nobody is there, or somebody died in the middle of an answer.
        if (!(error instanceof TypeError || error instanceof SyntaxError)) return void faults.push(String(error));
        await delay(AGAIN_MS);
      }
    }
  })();
  return {
    ...{ user, tally, faults },
    copy: () => copy,
    async stop() {
      over.abort();
      await following;
    },
  };
}
