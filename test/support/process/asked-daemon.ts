import { startDaemon } from '../../kills/daemon.js';
import { checkedFetch } from '../checked-fetch.js';
import type { Ovadex } from './ovadex.js';

/** A daemon that an administrator asks. */
export interface AskedDaemon {
  readonly url: string;
  log(): string;
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: Answer }>;
  /** What the list of a user has; of the one whom it was started for, if none is named. */
  names(user?: string): Promise<readonly string[]>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Sends a signal; answers the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Answer {
  readonly data: { readonly name: string }[] & {
    readonly status: string;
    readonly user: string;
    readonly state: string;
    readonly request: { readonly id: number };
  };
}

/** Starts one with the token of an administrator, whose own list is that user's. */
export async function startAsked(ovadex: Ovadex, user: string): Promise<AskedDaemon> {
  const tokens = new Map<string, string>();
  const tokenOf = async (of: string) => {
    const token = tokens.get(of) ?? (await ovadex.createToken(of, ['--scope', 'admin', '--force'])).token;
    tokens.set(of, token);
    return token;
  };
  await tokenOf(user);
  const { child, exited, log, ready } = startDaemon(ovadex.argv('serve'));
  const url = await ready().catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  if (url === null) throw new Error(`the daemon has ended: ${log()}`);
  const askAs = async (of: string, path: string, init: RequestInit = {}) => {
    const headers = { Authorization: `Bearer ${await tokenOf(of)}` };
    const response = await checkedFetch(url + path, { ...init, headers });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  return {
    url,
    log,
    ask: (path, init) => askAs(user, path, init),
    names: async (of = user) => (await askAs(of, '/v2/image')).body.data.map(({ name }) => name),
    kill: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      return await exited;
    },
  };
}
