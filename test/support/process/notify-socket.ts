import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endChild } from '../servers/server-process.js';

/** The datagram socket of a service manager, and what was told there. */
export interface NotifySocket {
  /** For NOTIFY_SOCKET. */
  readonly address: string;
  /** Messages in the order in which they came, without those that only ask for an answer. */
  readonly messages: readonly string[];
  /** The values of an assignment, one for each message that has it. */
  values(name: string): string[];
  close(): Promise<void>;
}

const LISTENER = fileURLToPath(new URL('./notify-listener.py', import.meta.url));

/** Node has no such sockets; Python, which building the program takes anyway, has. */
export async function listenForNotifications(kind: 'path' | 'abstract' = 'path'): Promise<NotifySocket> {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-notify-'));
  const address = kind === 'path' ? join(directory, 'notify') : `@${directory}/notify`;
  const child = spawn('python3', [LISTENER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const messages: string[] = [];
  const isListening = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the listener ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as string;
      if (message === 'listening') resolve();
      else if (message !== 'BARRIER=1') messages.push(message);
    });
  });
  await isListening;
  return {
    address,
    messages,
    values: (name) =>
      messages.flatMap((message) => {
        const line = message.split('\n').find((each) => each.startsWith(`${name}=`));
        return line === undefined ? [] : [line.slice(name.length + 1)];
      }),
    async close() {
      await endChild(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
