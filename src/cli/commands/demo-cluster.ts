import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkConfig } from '../../config/load.js';
import { type Child, startChild } from '../../demo/child.js';
import { type DemoHost, type HostRole, writeClusterConfigs } from '../../demo/cluster-config.js';
import { type ClusterNarrator, createClusterNarrator } from '../../demo/cluster-narrator.js';
import { preferPort } from '../../demo/free-port.js';
import { guideOf } from '../../demo/guide.js';
import { createNarrator } from '../../demo/narrator.js';
import { findPostgres, placesHere } from '../../demo/postgres-programs.js';
import { startDemoDatabase } from '../../demo/postgres-server.js';
import { type Demo, prepareDemo } from '../../demo/prepare.js';
import { jsonFormatter, MAIN, programWords } from '../../demo/program-words.js';
import { WELL_KNOWN_IMAGE } from '../../demo/spaces.js';
import { OvadexError } from '../../domain/model/errors.js';
import { whenAborted } from '../terminal/interruptible.js';
import type { Io } from '../terminal/io.js';
import { type DemoOptions, issueTokens, untilInterrupted } from './demo.js';

const ROLES: readonly HostRole[] = ['api', 'api', 'crawler', 'crawler'];
/** The usual ports of the program, and of PostgreSQL with another digit, since that may run here. */
const FIRST_PORT = 8080;
const DATABASE_PORT = 54320;
/** Four starts at once on a small machine. */
const READY_WITHIN_MS = 60_000;
/** A crawler that was killed keeps its lease for half a minute. */
const LISTED_WITHIN_MS = 60_000;
const ASKED_EVERY_MS = 100;
const ANSWERED_WITHIN_MS = 10_000;

/** A host and the process that is it. */
interface Running {
  readonly host: DemoHost;
  child: Child;
}

interface ImageList {
  readonly data: readonly { readonly path: string }[];
}

/** `ovadex demo --cluster`: does what `ovadex demo` does by several hosts with one database, and kills some of them. */
export async function demoCluster(io: Io): Promise<number> {
  return await untilInterrupted(io, runClusterDemo);
}

/**
 * Makes a storage and a database, starts hosts that answer and hosts that crawl, kills one of each, starts them again, and
 * leaves all to whoever looks on until the signal aborts; then everything is stopped and the files are removed. Throws
 * OvadexError `usage` if there is no PostgreSQL, and an AbortError if aborted before all runs.
 */
async function runClusterDemo(options: DemoOptions): Promise<void> {
  const { stdout, signal, env } = options;
  const programs = await findPostgres(placesHere(env['PATH']));
  const isTTY = stdout.isTTY === true;
  const narrator = createNarrator(stdout, isTTY);
  const told = createClusterNarrator(stdout, isTTY);
  const undo: (() => Promise<unknown>)[] = [];
  const newPassword = () => randomBytes(12).toString('hex');
  try {
    narrator.preparing();
    const storage = await prepareDemo(newPassword, signal);
    undo.push(storage.close);
    narrator.storage(storage);

    told.databaseStarts(programs.postgres);
    const password = newPassword();
    const ports = await choosePorts([DATABASE_PORT, ...ROLES.map((_, at) => FIRST_PORT + at)]);
    const [databasePort = 0, ...others] = ports;
    const database = await startDemoDatabase({ programs, port: databasePort, password, signal });
    undo.push(database.stop);
    told.databaseStarted(database.url);

    told.hostsStart();
    const hosts = await writeClusterConfigs(storage, {
      ...{ databaseUrl: database.url, password },
      hosts: ROLES.map((role, at) => ({ role, port: others[at] ?? 0 })),
    });
    const running = hosts.map((host): Running => ({ host, child: startHost(host) }));
    undo.push(() => Promise.all(running.map(({ child }) => child.end('SIGTERM'))));
    for (const each of running) await untilReady(each, signal);
    told.hostsStarted(hosts);

    await show({ storage, running, told, options });
    await whenAborted(signal);
    narrator.stopping();
  } finally {
    for (let next = undo.pop(); next !== undefined; next = undo.pop()) await next();
  }
}

async function show({
  storage,
  running,
  told,
  options: { signal, env },
}: {
  readonly storage: Demo;
  readonly running: readonly Running[];
  readonly told: ClusterNarrator;
  readonly options: DemoOptions;
}): Promise<void> {
  const [first, second, crawler] = running;
  if (first === undefined || second === undefined || crawler === undefined) throw new Error('there are four hosts');
  const { configFile } = first.host;
  const { config } = await checkConfig(configFile);
  const [{ user, directory }] = storage.spaces;
  const tokens = await issueTokens(config, user);
  const listAt = (host: DemoHost, query = '') => listOf(`${host.url}/v2/image${query}`, tokens.token, signal);

  const crawled = async () => {
    const answer = await ask(`${first.host.url}/v2/admin/space`, tokens.adminToken, signal);
    const { data } = (await answer.json()) as { data: { user: string; images: number; last_success_on: unknown }[] };
    const isDone = data.length === storage.spaces.length && data.every(({ last_success_on: at }) => at !== null);
    return isDone ? data : null;
  };
  told.crawlEnded(await until('the first crawl', crawled, signal));

  told.killBegins();
  const before = await listAt(first.host);
  told.seen(`${first.host.name} shows ${before?.data.length} images, and is killed`);
  await first.child.end('SIGKILL');
  const after = await until('a list', () => listAt(second.host), signal);
  told.seen(`${second.host.name} shows ${after.data.length} images`);

  await copyFile(join(directory, WELL_KNOWN_IMAGE), join(directory, dirname(WELL_KNOWN_IMAGE), 'taken-over.ova'));
  const sync = await ask(`${second.host.url}/v2/admin/sync`, tokens.adminToken, signal, { user, mode: 'full' });
  const { data } = (await sync.json()) as { data: { request: { id: number } } };
  await crawler.child.end('SIGKILL');
  told.seen(`an image is added, a crawl is asked for, and ${crawler.host.name} is killed`);
  const begun = performance.now();
  await until(
    'the new image',
    async () => ((await listAt(second.host, '?name=taken-over'))?.data.length ? true : null),
    signal,
  );
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  told.seen(`${second.host.name} shows the new image after ${seconds} s: the other crawler has gone on`);
  for (const each of [first, crawler]) {
    each.child = startHost(each.host);
    await untilReady(each, signal);
  }
  told.seen('both are started again');

  const shell = { program: programWords(process.cwd()), formatter: jsonFormatter(env['PATH']) };
  const apiUrl = second.host.url;
  const guide = guideOf({ apiUrl, user, directory, syncId: data.request.id, configFile, ...tokens, ...shell });
  told.guide(
    running.map(({ host }) => host),
    guide,
  );
}

/** Returns each port if nobody has it, else a free one; no two of them are the same. */
async function choosePorts(preferred: readonly number[]): Promise<readonly number[]> {
  const chosen: number[] = [];
  for (const port of preferred) {
    let next = await preferPort(port);
    while (chosen.includes(next)) next = await preferPort(0);
    chosen.push(next);
  }
  return chosen;
}

function startHost({ configFile }: DemoHost): Child {
  return startChild(process.execPath, [MAIN, 'serve', '--config', configFile], { cwd: dirname(configFile) });
}

async function untilReady({ host, child }: Running, signal: AbortSignal): Promise<void> {
  const isReady = async () => {
    if (!child.isRunning()) throw new OvadexError('internal', `${host.name} has ended: ${child.said()}`);
    const answer = await fetch(`${host.url}/readyz`, { signal }).catch(() => null);
    await answer?.text();
    return answer?.ok === true ? true : null;
  };
  await until(host.name, isReady, signal, READY_WITHIN_MS);
}

/** Asks until there is an answer. */
async function until<T>(
  what: string,
  look: () => Promise<T | null>,
  signal: AbortSignal,
  withinMs = LISTED_WITHIN_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new OvadexError('internal', `${what}: not there after ${withinMs} ms`);
    await delay(ASKED_EVERY_MS, undefined, { signal });
  }
}

/** Returns the list of images, or null if none is told. */
async function listOf(url: string, token: string, signal: AbortSignal): Promise<ImageList | null> {
  const answer = await ask(url, token, signal);
  return answer.ok ? ((await answer.json()) as ImageList) : null;
}

async function ask(url: string, token: string, signal: AbortSignal, body?: object): Promise<Response> {
  return await fetch(url, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWERED_WITHIN_MS)]),
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
}
