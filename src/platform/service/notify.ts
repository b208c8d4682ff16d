import { spawn } from 'node:child_process';

/** The part of the environment that a service manager sets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What sd_notify(3) calls assignments: `READY` to `1` and so on. */
export type Assignments = Readonly<Record<string, string>>;

/** Notifies the service manager; resolves when it has received the message, or can't be reached. Never rejects. */
export type Notify = (message: Assignments) => Promise<void>;

/** The part of a logger that is needed here. */
export interface NotifyLog {
  warn(details: object, message: string): void;
}

export interface NotifierOptions {
  readonly environment: Environment;
  readonly logger: NotifyLog;
  /** How long the helper program may take, in ms. */
  readonly timeoutMs?: number;
}

/** systemd-notify waits five seconds for the manager to have read its message and then gives up by itself. */
const TIMEOUT_MS = 6_000;
/** The search path of a service without a PATH. */
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';
/** Assignments that change the state of the service for the manager: each is sent on its own. */
const STATES = ['READY', 'RELOADING', 'STOPPING'];
/** Reloads come one after another, so a handful wait at most; the bound keeps a hanging manager from filling memory. */
const MAX_WAITING = 16;

/**
 * Speaks sd_notify(3) through `systemd-notify`: Node has no datagram sockets of the unix kind, and the service's
 * NotifyAccess is `all` for this. One process runs at a time; while it does, only the latest status is kept. Returns
 * null, at no cost, if no manager listens (no NOTIFY_SOCKET).
 */
export function createNotifier(options: NotifierOptions): Notify | null {
  const { environment, logger, timeoutMs = TIMEOUT_MS } = options;
  const socket = environment['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return null;
  const env = { NOTIFY_SOCKET: socket, PATH: environment['PATH'] ?? USUAL_PATH };
  const waiting: { message: Assignments; told: (() => void)[] }[] = [];
  let isTelling = false;
  let isComplained = false;

  const complain = (why: string) => {
    if (isComplained) return;
    isComplained = true;
    logger.warn(
      { socket },
      `could not notify the service manager: ${why}; until then it may consider the service hung`,
    );
  };

  const tellAll = async () => {
    isTelling = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const failure = await runNotify(next.message, env, timeoutMs);
      if (failure === null) isComplained = false;
      else complain(failure);
      for (const settle of next.told) settle();
    }
    isTelling = false;
  };

  return (message) =>
    new Promise((resolve) => {
      const last = waiting.at(-1);
      if (last !== undefined && (waiting.length >= MAX_WAITING || !(isState(last.message) || isState(message)))) {
        last.message = { ...last.message, ...message };
        last.told.push(resolve);
      } else waiting.push({ message, told: [resolve] });
      if (!isTelling) void tellAll();
    });
}

function isState(message: Assignments): boolean {
  return STATES.some((name) => name in message);
}

/** Returns why it failed, or null. */
function runNotify(
  message: Assignments,
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<string | null> {
  return new Promise((resolve) => {
    const args = Object.entries(message).map(([name, value]) => `${name}=${oneLine(value)}`);
    // Every argument starts with a name, so that none is taken for an option.
    const child = spawn('systemd-notify', args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, 500); // one sentence is expected
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'ENOENT' ? 'the program systemd-notify is missing (it comes with systemd)' : error.message,
      );
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null);
      else if (signal !== null) resolve(`systemd-notify did not end within ${timeoutMs} ms`);
      else resolve(`systemd-notify ended with ${code}: ${oneLine(complaint.trim())}`);
    });
  });
}

/** Joins lines: a message is a list of lines, and another line would be another assignment. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
