import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../soak/chance.js';

/** What an API has answered, as far as it must still be true after a crash. */
export interface Witnessed {
  /** The last list of each user. */
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
  /** The status of each sync that had ended. */
  readonly ended: ReadonlyMap<number, string>;
  readonly answers: number;
}

export interface Load {
  /** Ends it; what was under way counts no more. */
  stop(): Promise<Witnessed>;
}

interface ListAnswer {
  readonly data: readonly { readonly path: string }[];
}

interface SyncsAnswer {
  readonly data: readonly { readonly id: number; readonly status: string }[];
}

const CALLERS = 3;
/** Between two calls of a caller: many a second, and the crawl has its share of the machine. */
const PAUSE_MS = 3;

/** Calls that read lists, follow requests and ask for syncs, without end. */
export function startLoad(
  url: string,
  options: { readonly tokens: ReadonlyMap<string, string>; readonly admin: string; readonly chance: Chance },
): Load {
  const { tokens, admin, chance } = options;
  const over = new AbortController();
  const lists = new Map<string, ReadonlySet<string>>();
  const ended = new Map<number, string>();
  let answers = 0;

  const ask = async (path: string, token: string, method = 'GET'): Promise<unknown> => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      signal: over.signal,
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(body)}`);
    answers++;
    return body;
  };
  const acts = [
    async (user: string, token: string) => {
      const { data } = (await ask('/v2/image', token)) as ListAnswer;
      lists.set(user, new Set(data.map(({ path }) => path)));
    },
    (_user: string, token: string) => ask('/v2/user/image/vm', token, 'PATCH'),
    async () => {
      const { data } = (await ask('/v2/admin/request?per_page=100&page=1', admin)) as SyncsAnswer;
      for (const { id, status } of data) if (status !== 'PENDING' && status !== 'IN_PROGRESS') ended.set(id, status);
    },
  ];
  const call = async () => {
    while (!over.signal.aborted) {
      const [user, token] = chance.pick([...tokens]);
      try {
        await chance.pick(acts)(user, token);
      } catch (error) {
        // The server is gone, or going: fetch says so by a TypeError.
        if (!(error instanceof TypeError) && !over.signal.aborted) throw error;
        if (!over.signal.aborted) await delay(PAUSE_MS);
      }
      await delay(PAUSE_MS);
    }
  };
  const calling = Promise.all(Array.from({ length: CALLERS }, call));
  calling.catch(() => undefined); // it is asked for in the end
  return {
    async stop() {
      over.abort();
      await calling;
      return { lists, ended, answers };
    },
  };
}
