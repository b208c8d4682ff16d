import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { percentile } from '../percentile.js';
import { median, type Verdict } from '../ratios.js';
import { milliseconds } from '../units.js';

export interface HintedBenchOptions {
  /** One in each of so many spaces: hints of one space that keep coming are followed less and less often. */
  readonly files: number;
  readonly onProgress: (text: string) => void;
}

const LIMIT_MS = 1_000;
/** As people of an institution upload: some at a time. */
const AT_ONCE = 4;
/** Before anything counts. */
const WARM_UP = 8;

/** From a file written on a storage that gives a hint to the answer at a client that waits for it. */
export async function benchHinted({ files, onProgress }: HintedBenchOptions): Promise<Verdict> {
  const cleanup = createCleanup();
  try {
    const dav = await startDavServer();
    cleanup.add(dav.close);
    const users = Array.from({ length: WARM_UP + files }, (_, i) => `user${i}`);
    for (const user of users) dav.tree.put(`${user}/lab/x.ova`, { size: 1 });
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      spaces: users.map((user) => ({ user, url: `${dav.url}${user}/` })),
      describe: { enabled: false },
      log: { level: 'warn' },
    });
    await ovadex.json('sync', '--all', '--full');
    const tokens = new Map<string, string>();
    for (const user of users) tokens.set(user, (await ovadex.createToken(user)).token);
    const hinter = await ovadex.createToken('storage', ['--scope', 'hint']);
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);

    const list = async (user: string, headers: Record<string, string> = {}) => {
      const authorization = `Bearer ${tokens.get(user)}`;
      const response = await fetch(`${daemon.url}v2/image`, { headers: { authorization, ...headers } });
      return { tag: response.headers.get('etag') ?? '', body: await response.text() };
    };
    /** Resolves with the time from the written file to the answer that shows it, in ms. */
    const tell = async (user: string): Promise<number> => {
      const { tag } = await list(user);
      const waiting = list(user, { 'if-none-match': tag, prefer: 'wait=60' });
      // The client is there first, as one that always waits.
      await list(user);
      const writtenAt = performance.now();
      dav.tree.put(`${user}/lab/new.ova`, { size: 2 });
      const hinted = await fetch(`${daemon.url}v2/hint`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hinter.token}` },
        body: JSON.stringify({ user, path: 'lab/new.ova' }),
      });
      if (hinted.status !== 202) throw new Error(`a hint was answered by ${hinted.status}`);
      const { body } = await waiting;
      if (!body.includes('new.ova')) throw new Error(`${user} was not told of the new file: ${body}`);
      return performance.now() - writtenAt;
    };
    const times: number[] = [];
    const rest = [...users];
    const work = async () => {
      for (let user = rest.shift(); user !== undefined; user = rest.shift()) times.push(await tell(user));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const counted = times.slice(WARM_UP);
    const p99 = percentile(counted, 0.99);
    onProgress(`hinted: ${milliseconds(p99)} at the 99th percentile`);
    return {
      name: 'hinted',
      meaning: `1 s / from a written file with a hint to the answer at a waiting client, 99th percentile of ${files}`,
      ratio: LIMIT_MS / p99,
      ratios: [LIMIT_MS / p99],
      target: 1,
      context: [
        `median ${milliseconds(median(counted))}, at the 99th percentile ${milliseconds(p99)}; of it 0.3 s are spent on hints that belong together`,
      ],
    };
  } finally {
    await cleanup.run();
  }
}
