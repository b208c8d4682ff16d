import { once } from 'node:events';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** An answer, as whoever asked understood it. */
export interface Told {
  readonly user: string;
  readonly kind: 'list' | 'changes';
  /** Whether it was asked for by a client that waits for another list. */
  readonly waits: boolean;
  readonly host: string;
  readonly status: number;
  /** When it was asked for, in ms since the epoch. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Of its ETag; null without one. */
  readonly run: string | null;
  readonly revision: number;
  /** What the list is by then: that which was told, or the one of before if it is said to be the same. Null: not known. */
  readonly paths: readonly string[] | null;
  readonly retryAfter: string | null;
  /** Whether it is said that the database could not be asked. */
  readonly isStale: boolean;
}

/** A client that asks one host after the other, and shows each what it was told last by any. */
export interface Reader {
  readonly told: readonly Told[];
  /** Of hosts that could not be reached, or broke off: when, in ms since the epoch. */
  readonly broken: readonly number[];
  /** Asks one host for the list, and the next one for its changes; one that waits asks for the list alone. */
  ask(): Promise<void>;
  /** Asks until it is stopped, and its last question is answered. */
  run(): Promise<void>;
  stop(): void;
}

interface Image {
  readonly id: number;
  readonly path: string;
}

interface ListBody {
  readonly data: readonly Image[];
}

interface ChangesBody extends ListBody {
  readonly deleted: readonly Image[];
  readonly meta: { readonly next_since: string; readonly has_more: boolean };
}

const ETAG = /^W\/"([\da-f]{12})-\d+-(\d+)-/;
const ANSWERED_WITHIN_MS = 15_000;
/** Of those who wait; shorter than a scene is. */
const WAIT_S = 2;
/** Of a host that is not there, or that ends in the middle. */
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
/** By which all hosts are known to clients: an address is part of a list. */
const NAME = 'images.test';
/** Whoever gets no answer from any host would ask thousands of times a second. */
const PAUSE_MS = 20;

/** An answer of a host. */
export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Asks a host for a path; rejects with the code of a connection that was refused or broken. */
export type Get = (host: string, path: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

/**
 * Creates a client of a user; it reads the whole list and its changes in turn. One that waits reads the list alone, and is
 * answered as soon as that is another.
 */
export function createReader(
  user: string,
  token: string,
  hosts: readonly string[],
  { waits = false, get = getOverHttp }: { readonly waits?: boolean; readonly get?: Get } = {},
): Reader {
  const told: Told[] = [];
  const broken: number[] = [];
  let isStopped = false;
  let turn = 0;
  let list: { readonly etag: string; readonly paths: readonly string[] } | null = null;
  /** As the changes tell it. */
  let images = new Map<number, string>();
  let since: string | null = null;

  const request = async (kind: Told['kind'], path: string, headers: Readonly<Record<string, string>>) => {
    const host = hosts[turn++ % hosts.length] ?? '';
    const sentAt = Date.now();
    try {
      const answer = await get(host, path, { authorization: `Bearer ${token}`, ...headers });
      const { status, etag, retryAfter } = answer;
      const [, run = null, revision = '-1'] = ETAG.exec(etag) ?? [];
      const isStale = etag.endsWith('-stale"');
      const about = { user, kind, waits, host, status, sentAt, answeredAt: Date.now(), run, retryAfter, isStale };
      const note = (paths: readonly string[] | null) => void told.push({ ...about, revision: Number(revision), paths });
      return { ...answer, note };
    } catch (error) {
      // What was refused or broken off by a host that ended, not what is wrong here.
      if (!(error instanceof Error && 'code' in error && BROKEN.has(`${error.code}`))) throw error;
      broken.push(sentAt);
      await delay(PAUSE_MS);
      return null;
    }
  };

  const readList = async () => {
    const known = list === null ? {} : { 'if-none-match': list.etag };
    const answer = await request('list', 'v2/image', waits ? { ...known, prefer: `wait=${WAIT_S}` } : known);
    if (answer === null) return;
    const { status, etag, body, note } = answer;
    if (status === 200) {
      const { data } = JSON.parse(body) as ListBody;
      list = { etag, paths: data.map(({ path }) => path).sort() };
    }
    note(status === 200 || status === 304 ? (list?.paths ?? null) : null);
  };

  const readChanges = async () => {
    const answer = await request('changes', `v2/image/changes${since === null ? '' : `?since=${since}`}`, {});
    if (answer === null) return;
    const { status, body, note } = answer;
    if (status === 410) {
      images = new Map();
      since = null;
    }
    if (status !== 200) return note(null);
    const { data, deleted, meta } = JSON.parse(body) as ChangesBody;
    for (const { id } of deleted) images.delete(id);
    for (const { id, path } of data) images.set(id, path);
    since = meta.next_since;
    note(meta.has_more ? null : [...images.values()].sort());
  };

  const ask = async () => {
    await readList();
    if (!waits) await readChanges();
  };

  return {
    told,
    broken,
    ask,
    async run() {
      while (!isStopped) {
        await ask();
        // Lets the hosts have some of the processor.
        if (told.at(-1)?.status !== 200) await delay(PAUSE_MS);
      }
    },
    stop() {
      isStopped = true;
    },
  };
}

const agent = new Agent({ keepAlive: true });

async function getOverHttp(host: string, path: string, given: Readonly<Record<string, string>>): Promise<Answer> {
  const headers = { host: NAME, ...given };
  const asking = send(`${host}${path}`, { agent, headers, signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  // A connection that is reset in the middle of the body is told by both: the body rejects, and this nobody waits for.
  asking.on('error', () => undefined);
  const body = await text(response);
  const { etag = '', 'retry-after': retryAfter = null } = response.headers;
  return { status: response.statusCode ?? 0, etag, retryAfter, body };
}
