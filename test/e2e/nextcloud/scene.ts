import { checkedFetch } from '../../support/checked-fetch.js';
import { createNextcloud, type Nextcloud, type NextcloudOptions } from '../../support/nextcloud/cloud.js';
import { installOvadex, type Ovadex, type Settings } from '../../support/process/ovadex.js';

/** What a sync tells, as `--json` has it. */
export interface CloudSync {
  readonly user: string;
  readonly result: string;
  readonly requests: number;
  readonly errors: readonly string[];
}

/** A modelled Nextcloud, and ovadex as it is installed beside it. */
export interface CloudScene {
  readonly cloud: Nextcloud;
  readonly ovadex: Ovadex;
  /** One space a user, each with an app password of the user's own; answers the settings for a test to add to. */
  ownSpaces(users: readonly string[]): object[];
  configure(settings: Settings): void;
  /** The syncs of `sync --all` or of what the words name, and the requests that reached the storage meanwhile. */
  sync(...words: readonly string[]): Promise<{ readonly syncs: readonly CloudSync[]; readonly asked: number }>;
  /** Users whose list isn't what they see, with both. */
  untruths(users: readonly string[]): Promise<readonly object[]>;
  /** Starts the daemon, which `end` stops. */
  serve(): Promise<CloudDaemon>;
  end(): Promise<void>;
}

/** The API of a running daemon. */
export interface CloudDaemon {
  readonly url: string;
  /** `POST /auth/request-token` as from this address, which a trusted proxy names. */
  logIn(user: string, password: string, address?: string): Promise<Response>;
  /** The caller's list: its paths, and its state. */
  list(token: string): Promise<{ readonly paths: readonly string[]; readonly state: string }>;
  ask(token: string, method: string, path: string, body?: object): Promise<Response>;
  stop(): Promise<void>;
}

export async function createCloudScene(options: NextcloudOptions): Promise<CloudScene> {
  const cloud = await createNextcloud(options);
  const ovadex = await installOvadex();
  const daemons: CloudDaemon[] = [];
  return {
    cloud,
    ovadex,
    configure: (settings) => ovadex.configure(settings),
    ownSpaces: (users) =>
      users.map((user) => ({
        user,
        url: cloud.user(user).url,
        auth: {
          type: 'basic',
          username: user,
          passwordFile: ovadex.file(`${user}.password`, cloud.user(user).mintAppPassword().secret),
        },
      })),
    async sync(...words) {
      const before = cloud.requests.length;
      const { stdout } = await ovadex.run('sync', ...(words.length === 0 ? ['--all'] : words), '--json');
      const { syncs } = JSON.parse(stdout) as { syncs: CloudSync[] };
      return { syncs, asked: cloud.requests.length - before };
    },
    async untruths(users) {
      const wrong: object[] = [];
      for (const user of users) {
        const listed = [...(await ovadex.images(user))].sort();
        const seen = [...cloud.user(user).images()];
        if (JSON.stringify(listed) !== JSON.stringify(seen)) wrong.push({ user, listed, seen });
      }
      return wrong;
    },
    async serve() {
      const { url, stop } = await ovadex.serve();
      const daemon = createDaemon(url.replace(/\/$/, ''), stop);
      daemons.push(daemon);
      return daemon;
    },
    async end() {
      for (const { stop } of daemons) await stop();
      ovadex.remove();
      await cloud.close();
    },
  };
}

function createDaemon(url: string, stop: () => Promise<void>): CloudDaemon {
  const ask: CloudDaemon['ask'] = (token, method, path, body) =>
    checkedFetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    url,
    ask,
    logIn: (user, password, address) =>
      checkedFetch(`${url}/auth/request-token`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          ...(address === undefined ? {} : { 'X-Forwarded-For': address }),
        },
      }),
    async list(token) {
      const { data, meta } = (await (await ask(token, 'GET', '/v2/user/image/vm')).json()) as {
        data: readonly { path: string }[];
        meta: { index: { state: string } };
      };
      return { paths: data.map(({ path }) => path).sort(), state: meta.index.state };
    },
    stop,
  };
}
