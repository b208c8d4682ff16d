import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { createCleanup } from '../support/cleanup.js';
import { findProgram } from '../support/process/installed.js';
import { installOvadex } from '../support/process/ovadex.js';
import { startServerProcess } from '../support/servers/server-process.js';
import { buildIndex } from './bulk-index.js';
import { runMeasured } from './child.js';
import type { RecordedAnswer } from './list.js';
import { LOAD_CORE, loadTool, onCore, SERVER_CORE } from './load.js';
import { processorClockOf } from './processor-time.js';
import { measureRounds, median, type Verdict } from './ratios.js';

export interface ManyUsersBenchOptions {
  readonly users: number;
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

interface Case {
  readonly name: string;
  readonly meaning: string;
  readonly target: number;
  /** Of each user: each sends another User-Agent. */
  readonly clients: number;
  readonly connections: number;
  readonly coding: 'identity' | 'gzip' | 'br';
}

const IMAGES = 12;
/** It must not matter who asks, with what, or over how many connections. */
const CASES: readonly Case[] = [
  { name: 'users', meaning: 'users in turn', target: 0.85, clients: 1, connections: 32, coding: 'identity' },
  { name: 'users, gzip', meaning: 'the same, gzip', target: 0.85, clients: 1, connections: 32, coding: 'gzip' },
  { name: 'users, br', meaning: 'the same, br', target: 0.85, clients: 1, connections: 32, coding: 'br' },
  {
    name: 'users, clients',
    meaning: 'users in turn, by 5 clients each',
    target: 0.75,
    clients: 5,
    connections: 32,
    coding: 'identity',
  },
  {
    name: 'users, connections',
    meaning: 'users in turn, over 1,000 connections',
    target: 0.7,
    clients: 1,
    connections: 1_000,
    coding: 'identity',
  },
];
/** Every request comes for the third time by then, and what runs often is compiled. */
const WARM_UP_SECONDS = 3;
const BARE_USERS = fileURLToPath(new URL('./bare-users.ts', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./many-users.lua', import.meta.url));
/** node:http writes these itself. */
const FRAMING = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/**
 * Lists of many users in turn, through the real program, against bare node:http that picks the very same bytes by the
 * Authorization of the request. One server core, the load on another one; what is compared is the processor time of the
 * server for an answer, which says how many a core can give, and hardly depends on what else the machine does.
 */
export async function benchManyUsers(options: ManyUsersBenchOptions): Promise<readonly Verdict[]> {
  if (loadTool() !== 'wrk') {
    options.onProgress('users: left out, requests that change are made by wrk');
    return [];
  }
  const { users } = options;
  const cleanup = createCleanup();
  try {
    const serving = await serveManyUsers(users);
    cleanup.add(serving.stop);
    const verdicts: Verdict[] = [];
    for (const each of CASES) verdicts.push(await benchCase(each, { ...options, ...serving }));
    return verdicts;
  } finally {
    await cleanup.run();
  }
}

/** The real program on a core of its own, with an index of many users' lists, and a token of each. */
interface ManyUsers {
  readonly url: string;
  readonly pid: number | undefined;
  readonly tokens: readonly string[];
  /** One token a line. */
  readonly tokenFile: string;
  readonly directory: string;
  stop(): Promise<void>;
}

export async function serveManyUsers(users: number): Promise<ManyUsers> {
  const cleanup = createCleanup();
  try {
    const index = buildIndex({ spaces: users, images: IMAGES });
    cleanup.add(index.remove);
    const directory = dirname(index.file);
    const tokens = giveTokens(index.file, users);
    const tokenFile = join(directory, 'tokens');
    writeFileSync(tokenFile, tokens.map((token) => `${token}\n`).join(''));
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    // Nothing answers there, so the spaces of the index stay as they are.
    ovadex.configure({
      data: { directory },
      spaces: [{ discover: 'http://dav.test/' }],
      log: { level: 'warn' },
    });
    const { url, pid, stop } = await ovadex.serve({ wrap: (program, args) => onCore(SERVER_CORE, program, args) });
    cleanup.add(stop);
    return { url, pid, tokens, tokenFile, directory, stop: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Gives each user a token, in one step: the command takes a while for each. */
function giveTokens(file: string, users: number): readonly string[] {
  const db = openDatabase(file);
  const insert = db.prepare(`INSERT INTO tokens (user, hash, scopes, created_at) VALUES (?, ?, '["image:read"]', 0)`);
  const tokens = Array.from({ length: users }, () => `ovx_${randomBytes(32).toString('base64url')}`);
  db.transaction(() => {
    for (const [n, token] of tokens.entries()) {
      insert.run(`user${n}`, createHash('sha256').update(token).digest('hex'));
    }
  })();
  db.close();
  return tokens;
}

async function benchCase(each: Case, options: ManyUsersBenchOptions & ManyUsers): Promise<Verdict> {
  const { name, meaning, target, clients, connections, coding } = each;
  const { users, rounds, secondsEach, onProgress, url, pid, tokens, tokenFile } = options;
  const recording = join(options.directory, 'answers.json');
  const answers: Record<string, RecordedAnswer> = {};
  for (const token of tokens) {
    answers[`Bearer ${token}`] = await record(`${url}v2/image`, token, coding);
  }
  writeFileSync(recording, JSON.stringify(answers));
  const bare = await startServerProcess(({ port }) => {
    const start = ['--import', 'tsx', BARE_USERS, `${port}`, recording];
    const [program, rest] = onCore(SERVER_CORE, process.execPath, start);
    return { program, args: rest };
  });
  try {
    const args = [tokenFile, `${users}`, `${clients}`, coding];
    /** Processor time of an answer, in µs. */
    const costOf = async (server: { readonly url: string; readonly pid?: number | undefined }, seconds: number) => {
      const taken = processorClockOf(server.pid);
      const answered = await loadAsMany(`${server.url}v2/image`, seconds, connections, args);
      return (taken() / answered) * 1_000;
    };
    const ovadex = { url, pid };
    for (const server of [ovadex, bare]) await costOf(server, WARM_UP_SECONDS);
    const measured = await measureRounds(
      rounds,
      () => costOf(ovadex, secondsEach),
      () => costOf(bare, secondsEach),
      (n, { ours, theirs }) => onProgress(`${name}: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => theirs / ours);
    const cost = (of: 'ours' | 'theirs') => median(measured.map((round) => round[of])).toFixed(1);
    return {
      name,
      meaning: `processor time of bare node:http for an answer with the same bytes / for the lists of ${users} ${meaning}, ${IMAGES} images each`,
      ratio: median(ratios),
      ratios,
      target,
      context: [`ovadex ${cost('ours')} µs, bare node:http ${cost('theirs')} µs`],
    };
  } finally {
    await bare.stop();
  }
}

async function record(url: string, token: string, coding: Case['coding']): Promise<RecordedAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': coding };
  const { statusCode, headers: answered, body } = await request(url, { headers });
  const bytes = Buffer.from(await body.arrayBuffer());
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${bytes}`);
  const sent = answered['content-encoding'] ?? 'identity';
  if (sent !== coding) throw new Error(`asked for ${coding}, the answer is ${sent}`);
  const kept = Object.entries(answered).filter(([header]) => !FRAMING.has(header));
  return {
    status: statusCode,
    headers: Object.fromEntries(kept) as Record<string, string>,
    body: bytes.toString('base64'),
  };
}

/** Loads a server, with the arguments of the script; returns how many answers it gave. */
export async function loadAsMany(
  url: string,
  seconds: number,
  connections: number,
  args: readonly string[],
): Promise<number> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', SCRIPT, url, '--', ...args];
  const { stdout } = await runMeasured(...onCore(LOAD_CORE, findProgram('wrk') ?? 'wrk', options));
  const answered = /(\d+) requests in/.exec(stdout)?.[1];
  if (answered === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
  return Number(answered);
}
