import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { startDaemon } from '../../kills/daemon.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { processorMsOf } from '../../support/process/usage.js';
import { peakRss } from '../child.js';
import { megabytes, seconds } from '../units.js';
import type { Cost, Costs } from './cost.js';
import type { Size } from './crawled-index.js';
import { costsOfLooks, type Looks } from './looks.js';
import { costOfRun, costWhile } from './measure.js';

export interface Scene {
  readonly indexFile: string;
  readonly storageUrl: string;
  readonly size: Size;
  /** How long the daemon is watched with nothing to do. */
  readonly restMs: number;
  readonly looks: Looks;
  readonly onProgress: (text: string) => void;
}

const LOOK_EVERY_MS = 500;
/** A crawl of 100,000 spaces takes minutes on a machine that does much else. */
const ROUND_WITHIN_MS = 1_200_000;
const SETTLES_AFTER_MS = 1_000;

/** What a daemon takes from its start on, when it rests, when it is looked at, and in a round in which nothing has changed. */
export async function costsOfDaemon(scene: Scene): Promise<Costs> {
  const ovadex = await installOvadex();
  try {
    ovadex.configure({
      server: { listen: `127.0.0.1:${ovadex.port}`, metricsListen: '127.0.0.1:0' },
      data: { directory: dirname(scene.indexFile) },
      storage: {
        url: `${scene.storageUrl}{user}/`,
        auth: { type: 'basic', username: '{user}', password: 'the-same-for-all' },
      },
      spaces: Array.from({ length: scene.size.spaces }, (_, i) => ({ user: `user${i}` })),
      describe: { enabled: false },
      maintenance: { schedule: 'off' },
    });
    const { cpuMs, peakBytes } = await costOfRun(ovadex.argv('db', 'backup', `${scene.indexFile}.copy`));
    const backup = { cpuMs, peakBytes };
    scene.onProgress(told('backup', backup));
    const { token } = await ovadex.createToken('growth', ['--scope', 'admin']);
    return new Map([['backup', backup], ...(await costsOfServing(ovadex, token, scene))]);
  } finally {
    ovadex.remove();
  }
}

function told(name: string, { cpuMs, peakBytes }: Cost): string {
  return `${name}: ${seconds(cpuMs)} of processor time, ${megabytes(peakBytes ?? 0)}`;
}

async function costsOfServing(ovadex: Ovadex, token: string, scene: Scene): Promise<Costs> {
  const { onProgress, restMs, looks } = scene;
  const costs = new Map<string, Cost>();
  const daemon = startDaemon(ovadex.argv('serve'));
  const { pid } = daemon.child;
  const note = (name: string, cost: Cost) => {
    costs.set(name, cost);
    onProgress(told(name, cost));
  };
  try {
    const url = await daemon.ready();
    if (url === null) throw new Error(`the daemon did not come up: ${daemon.log()}`);
    note('start', { cpuMs: processorMsOf(pid), peakBytes: peakRss(pid) });
    const metricsUrl = /"metricsUrl":"([^"]+)"/.exec(daemon.log())?.[1] ?? '';
    const get = async (address: string) => {
      const response = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    };
    await delay(Math.min(restMs, SETTLES_AFTER_MS));
    note('a minute at rest', await costWhile(pid, () => delay(restMs)));
    const pages = new Map([
      ['metrics', () => get(`${metricsUrl}/metrics`)],
      ['overview', () => get(`${url}/v2/admin/overview`)],
      ['health', () => get(`${url}/v2/admin/health`)],
      ['spaces, a page', () => get(`${url}/v2/admin/space?per_page=50`)],
    ]);
    for (const [name, cost] of await costsOfLooks(pid, pages, looks)) note(name, cost);
    note('round', await costWhile(pid, () => untilRoundIsOver(scene, daemon.child)));
    return costs;
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.exited;
  }
}

/** Makes all spaces due, and waits until each was synced; nothing may have changed, by one request a space. */
async function untilRoundIsOver(
  { indexFile, storageUrl, size: { spaces } }: Scene,
  daemon: { readonly exitCode: number | null },
): Promise<void> {
  const requestsOf = async () => Number(await (await fetch(storageUrl)).text());
  const before = await requestsOf();
  const db = new Database(indexFile);
  try {
    const last = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM syncs').pluck().get() ?? 0;
    db.exec('UPDATE spaces SET due_at = 1');
    const ended = db
      .prepare<[number], number>("SELECT count(*) FROM syncs WHERE status = 'PROCESSED' AND id > ?")
      .pluck();
    for (const deadline = Date.now() + ROUND_WITHIN_MS; (ended.get(last) ?? 0) < spaces; await delay(LOOK_EVERY_MS)) {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`);
      if (Date.now() > deadline) throw new Error(`of ${spaces} syncs ${ended.get(last)} are over`);
    }
    const changed = db
      .prepare<[number], number>('SELECT count(*) FROM syncs WHERE id > ? AND added + altered + removed + failures > 0')
      .pluck()
      .get(last);
    const requests = (await requestsOf()) - before;
    if (changed !== 0 || requests !== spaces) {
      throw new Error(`in a round of ${spaces} spaces ${requests} requests were sent, and ${changed} have changed`);
    }
  } finally {
    db.close();
  }
}
