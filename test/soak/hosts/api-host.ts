import { createReplays } from '../../../src/http/server/replay.js';
import { type FollowedChanges, followChanges } from '../../../src/postgres/connection/changes.js';
import { createLines } from '../../../src/postgres/connection/line.js';
import { sleepInRealTime } from '../../../src/webdav/transport/sleep.js';
import { createApiScene } from '../../http/api-scene.js';
import { portsOver } from '../../postgres/index-ports.js';
import { openHostDatabase } from './host-database.js';

/** A host that answers, with connections of its own to the database. */
export interface ApiHost {
  /** Rejects with the code ECONNRESET once it is dead. */
  ask(token: string, path: string, headers: Readonly<Record<string, string>>): Promise<Response>;
  /** It does nothing more, not even end. */
  kill(): Promise<void>;
}

export interface ApiHostOptions {
  readonly url: string;
  /** By which its connections can be told. */
  readonly name: string;
  /** The run that all hosts of the index share. */
  readonly run: string;
  readonly clock: () => number;
}

export function startApiHost({ url, name, run, clock }: ApiHostOptions): ApiHost {
  const database = openHostDatabase(url, name);
  const changes: FollowedChanges = followChanges({
    openLine: createLines({ connectionString: url, application_name: name }),
    monotonic: () => performance.now(),
    wall: Date.now,
    sleep: sleepInRealTime,
  });
  const replays = createReplays({ changes, clock });
  const scene = createApiScene({ changes, clock, run, replays }, portsOver(database.db, clock));
  let isDead = false;
  let die: (error: Error) => void = () => undefined;
  const died = new Promise<never>((_, reject) => {
    die = reject;
  });
  died.catch(() => undefined);
  const broken = () => Object.assign(new Error(`${name} is dead`), { code: 'ECONNRESET' });
  return {
    async ask(token, path, headers) {
      if (isDead) throw broken();
      return await Promise.race([scene.ask(token, path, { headers }), died]);
    },
    async kill() {
      isDead = true;
      die(broken());
      await Promise.all([database.close(), changes.close()]);
    },
  };
}
