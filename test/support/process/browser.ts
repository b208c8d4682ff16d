import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { createCleanup } from '../cleanup.js';
import { endChild } from '../servers/server-process.js';
import { findProgram } from './installed.js';

const PROGRAM = 'chromium-headless-shell';
export const browserMissing = findProgram(PROGRAM) === null ? `${PROGRAM} (Debian: ${PROGRAM})` : null;

/** A page of a real browser, spoken to by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/). */
export interface Page {
  /** Opens an address and waits until it is loaded, whatever is answered. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page, which may be a promise. */
  evaluate(expression: string): Promise<unknown>;
  /** How often the browser wanted to ask a person for a name and a password. */
  questions(): number;
  /** What is typed there; null: the person gives up. */
  answerWith(credentials: { readonly username: string; readonly password: string } | null): void;
  close(): Promise<void>;
}

/** It looks for nothing of its own on the network. */
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-default-browser-check'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-port=0'],
];
const WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 5_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly requestId?: string };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function openBrowser(): Promise<Page> {
  const cleanup = createCleanup();
  const profile = mkdtempSync(join(tmpdir(), 'ovadex-browser-'));
  cleanup.add(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  try {
    const child = spawn(findProgram(PROGRAM) ?? '', [...ARGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    cleanup.add(() => endChild(child));
    const socket = new WebSocket(await devToolsOf(child));
    // SIGTERM alone it answers late, and its own children write into the profile until then.
    cleanup.add(() => {
      socket.send(JSON.stringify({ id: 0, method: 'Browser.close' }));
      return Promise.race([ended, delay(ENDS_WITHIN_MS, null, { ref: false })]);
    });
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    return { ...(await attach(socket)), close: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** The address that it prints when it is ready. */
async function devToolsOf(child: ChildProcess): Promise<string> {
  let told = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the browser ended with ${code}: ${told}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const [, address] = /DevTools listening on (ws:\S+)/.exec(told) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}

async function attach(socket: WebSocket): Promise<Omit<Page, 'close'>> {
  const waiting = new Map<number, (message: Message) => void>();
  let session: string | undefined;
  let onLoad: () => void = () => undefined;
  let questions = 0;
  let typed: Parameters<Page['answerWith']>[0] = null;
  let sent = 0;
  const send = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++sent;
      const timer = setTimeout(() => reject(new Error(`the browser did not answer ${method} in time`)), WITHIN_MS);
      waiting.set(id, ({ error, result }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(result);
        else reject(new Error(`the browser refused ${method}: ${error.message}`));
      });
      socket.send(JSON.stringify({ id, method, params, sessionId: session }));
    });
  const on: Readonly<Record<string, (requestId: string | undefined) => void>> = {
    'Page.loadEventFired': () => onLoad(),
    'Fetch.requestPaused': (requestId) => void send('Fetch.continueRequest', { requestId }),
    'Fetch.authRequired': (requestId) => {
      questions += 1;
      const response = typed === null ? 'CancelAuth' : 'ProvideCredentials';
      void send('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response, ...typed } });
    },
  };
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data as string) as Message;
    if (message.id === undefined) on[message.method ?? '']?.(message.params?.requestId);
    else waiting.get(message.id)?.(message);
  });

  const { targetId } = (await send('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
  const attached = await send('Target.attachToTarget', { targetId, flatten: true });
  session = (attached as { sessionId: string }).sessionId;
  await send('Page.enable');
  await send('Fetch.enable', { handleAuthRequests: true });
  return {
    async open(url) {
      const loaded = new Promise<void>((resolve) => {
        onLoad = resolve;
      });
      await send('Page.navigate', { url });
      await loaded;
    },
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      const { result, exceptionDetails } = answer as { result: { value: unknown }; exceptionDetails?: object };
      if (exceptionDetails !== undefined) throw new Error(`the page threw: ${JSON.stringify(exceptionDetails)}`);
      return result.value;
    },
    questions: () => questions,
    answerWith(credentials) {
      typed = credentials;
    },
  };
}
