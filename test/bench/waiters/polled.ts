import { setTimeout as delay } from 'node:timers/promises';
import { createCleanup } from '../../support/cleanup.js';
import { createNextcloud, type Nextcloud } from '../../support/nextcloud/cloud.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { percentile } from '../percentile.js';
import { median, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';

export interface PolledBenchOptions {
  /** One file in each of so many spaces, spread over `overMs`. */
  readonly files: number;
  readonly overMs: number;
  /** As `crawl.poll`. By default it is each minute, which would take this benchmark three times as long. */
  readonly poll: string;
  readonly pollEveryMs: number;
  readonly onProgress: (text: string) => void;
}

/** Beyond the time between two polls: the look itself, and a timer that is late. */
const SLACK_MS = 5_000;
const FOLDERS = 30;
const HOUR_MS = 3_600_000;
const LONGEST_WAIT_SECONDS = 60;

/**
 * From a file uploaded to a modelled Nextcloud that gives no hint to the answer at a client that waits for it, in real
 * time: by polls that then search the space, and by polls that walk to what has changed.
 */
export async function benchPolled(options: PolledBenchOptions): Promise<readonly Verdict[]> {
  const verdicts = await Promise.all([measure('auto', options), measure('off', options)]);
  for (const { name, context } of verdicts) options.onProgress(`${name}: ${context[0]}`);
  return verdicts;
}

async function measure(search: 'auto' | 'off', options: PolledBenchOptions): Promise<Verdict> {
  const { files, overMs, poll, pollEveryMs } = options;
  const cleanup = createCleanup();
  try {
    const users = Array.from({ length: files }, (_, i) => `user${i}`);
    // What was changed in the very second in which it is listed proves nothing yet.
    let agoMs = 2 * HOUR_MS;
    const cloud = await createNextcloud({
      now: () => Date.now() - agoMs,
      users: Object.fromEntries(users.map((user) => [user, {}])),
    });
    cleanup.add(cloud.close);
    for (const user of users) {
      for (let n = 0; n < FOLDERS; n++) cloud.user(user).put(`d${n % 10}/leaf${n}/x.ova`, { sizeBytes: 10 });
    }
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      spaces: users.map((user) => {
        const password = cloud.user(user).mintAppPassword().secret;
        return { user, url: cloud.user(user).url, auth: { type: 'basic', username: user, password } };
      }),
      crawl: { search, poll },
      describe: { enabled: false },
      log: { level: 'warn' },
    });
    // Polls begin once a change has shown that the markers of folders tell of what is below them.
    agoMs = 0;
    await ovadex.json('sync', '--all', '--full');
    agoMs = HOUR_MS;
    for (const user of users) cloud.user(user).put('d0/leaf0/y.ova', { sizeBytes: 10 });
    agoMs = 0;
    await ovadex.json('sync', '--all', '--full');
    const tokens = await Promise.all(users.map(async (user) => (await ovadex.createToken(user)).token));
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);
    // The first round after a start comes up to two intervals later, since each space has its own moment in one.
    cloud.forgetRequests();
    while (users.some((user) => !cloud.requests.some(({ path }) => path.includes(`/${user}/`)))) await delay(200);
    cloud.forgetRequests();
    const times = await Promise.all(
      users.map(async (user, i) => {
        await delay((overMs * i) / files);
        return await untilTold(cloud, user, `${daemon.url}v2/image`, tokens[i] as string);
      }),
    );
    const p99 = percentile(times, 0.99);
    const limitMs = pollEveryMs + SLACK_MS;
    const how = search === 'auto' ? 'searched' : 'walked';
    const counts = Object.entries(cloud.costs.byMethod).map(([method, count]) => `${count} ${method}`);
    return {
      name: `polled, ${how}`,
      meaning: `${seconds(limitMs)} / from an uploaded file to the answer at a waiting client by a poll every ${seconds(pollEveryMs)}, 99th percentile of ${files}`,
      ratio: limitMs / p99,
      ratios: [limitMs / p99],
      target: 1,
      context: [
        `median ${seconds(median(times))}, at the 99th percentile ${seconds(p99)}; the storage was asked ${counts.join(', ')}`,
      ],
    };
  } finally {
    await cleanup.run();
  }
}

/** Uploads a file; resolves with the time until a client that has waited for it is told of it, in ms. */
async function untilTold(cloud: Nextcloud, user: string, url: string, token: string): Promise<number> {
  const ask = async (tag: string) => {
    const conditions = tag === '' ? {} : { 'if-none-match': tag, prefer: `wait=${LONGEST_WAIT_SECONDS}` };
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...conditions } });
    return { tag: response.headers.get('etag') ?? '', body: await response.text() };
  };
  let { tag } = await ask('');
  const uploadedAt = performance.now();
  cloud.user(user).put('d3/leaf3/new.ova', { sizeBytes: 10 });
  for (let body = ''; !body.includes('new.ova'); ) ({ tag, body } = await ask(tag));
  return performance.now() - uploadedAt;
}
