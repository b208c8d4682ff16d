import { judge } from '../../interop/postgres/hammer/judge.js';
import { type DavHost, startDavHost } from '../../support/dav-server/dav-server.js';
import { createDavSite } from '../../support/dav-server/site.js';
import { demand } from '../check/violation.js';
import type { Theme } from '../draw/themes.js';
import { play } from '../play.js';
import type { Game } from '../soak.js';
import type { Tally } from '../tally.js';
import { openSharedDatabase } from './database-scene.js';
import { drawHostsHistory, type HostsHistory, shrinkHosts } from './history.js';
import { openScene, type Scene } from './scene.js';
import { Abandoned } from './turns.js';

/** Each storage is a host of its own: what is learned of one says nothing of the other. */
const STORAGES = 2;
/** Promised, and room for a machine that is busy with other things. */
const BEHIND_BY_MS = 250 + 250;

/** The histories of spaces in one PostgreSQL, with two crawlers and two hosts that answer. */
export interface HostsGame extends Game<HostsHistory> {
  close(): Promise<void>;
}

export async function openHostsGame(only: readonly Theme[]): Promise<HostsGame> {
  const database = await openSharedDatabase();
  const storages: DavHost[] = [];
  for (let n = 0; n < STORAGES; n++) storages.push(await startDavHost(createDavSite()));
  return {
    draw: (seed) => drawHostsHistory(seed, only),
    async play(history, tally, onStep) {
      const scene = await openScene({ database, storages, history, tally });
      try {
        const played = await Promise.allSettled(
          history.spaces.map(async (space, at) => {
            const setting = scene.settings[at];
            if (setting === undefined) throw new Error('there are as many storages as spaces');
            try {
              await play(space, { setting, tally }, onStep);
              scene.turns.leave();
            } catch (error) {
              scene.turns.fail();
              throw error;
            }
          }),
        );
        for (const each of played) {
          if (each.status === 'rejected' && !(each.reason instanceof Abandoned)) throw each.reason;
        }
        await judgeAnswers(scene, tally);
      } finally {
        await scene.close();
      }
    },
    shrink: shrinkHosts,
    async close() {
      for (const storage of storages) await storage.close();
      await database.close();
    },
  };
}

/** Every answer of a host was some revision's truth, none was older than promised, and no client has gone back. */
async function judgeAnswers({ clients, truth, breaks, deaths }: Scene, tally: Tally): Promise<void> {
  const versions = await truth();
  const { answers, untrue, backward, lags } = judge(
    clients.map(({ reader }) => reader),
    () => versions,
  );
  tally.answers += answers;
  const [first] = untrue;
  demand(first === undefined, '3 (each answer is one revision)', () => {
    const there = versions.get(first?.user ?? '')?.find(({ revision }) => revision === first?.revision);
    return `${untrue.length} answers tell a list that there never was, such as ${JSON.stringify(first)}; there was ${JSON.stringify(there)}`;
  });
  demand(backward.length === 0, '3 (nobody goes back)', () => JSON.stringify(backward[0]));
  const behind = lags.at(-1) ?? 0;
  demand(behind <= BEHIND_BY_MS, '3 (an answer is fresh)', () => `one was ${behind} ms behind a commit`);
  const refused = clients.flatMap((client) => client.refused);
  demand(refused.length === 0 || breaks() + deaths() > 0, 'a host answers', () => `${refused.length} were refused`);
}
