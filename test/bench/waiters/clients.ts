/**
 * Clients that wait, a program of its own so that their memory and their work are not those of the server. Told what to do by
 * messages of its parent; see `client-process.ts`. Each client is one bare socket: what node's own client would hold is no
 * matter here.
 */
import { connect, type Socket } from 'node:net';
import type { ClientsReport, ClientsTask } from './client-process.js';

/** Connections opened at once; more would wait in the kernel's queue for accept, and be tried again after a second. */
const OPENED_AT_ONCE = 100;

interface Client {
  readonly socket: Socket;
  readonly token: string;
  etag: string;
  pending: string;
  isReady: boolean;
}

const clients: Client[] = [];
/** When each client got a list that is another one, in ms since the epoch; since `expect`. */
let answered: number[] = [];
let expected = Number.POSITIVE_INFINITY;
let bytes = 0;
let host = '';
let prefer = '';

const tell = (report: ClientsReport) => void process.send?.(report);

function ask(client: Client): void {
  const conditions = client.etag === '' ? '' : `If-None-Match: ${client.etag}\r\n${prefer}`;
  client.socket.write(
    `GET /v2/image HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${client.token}\r\n${conditions}\r\n`,
  );
}

/** Takes one whole answer off what has come; false if it is not all there. */
function take(client: Client, onFirst: () => void): boolean {
  const headEnd = client.pending.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const head = client.pending.slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const length = status === 304 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  if (client.pending.length < headEnd + 4 + length) return false;
  if (status !== 200 && status !== 304) tell({ kind: 'trouble', detail: client.pending.slice(0, 500) });
  client.pending = client.pending.slice(headEnd + 4 + length);
  client.etag = /\r\netag: ([^\r]+)/i.exec(head)?.[1] ?? '';
  if (!client.isReady) {
    client.isReady = true;
    onFirst();
  } else if (status === 200) {
    answered.push(performance.timeOrigin + performance.now());
    if (answered.length === expected) {
      tell({ kind: 'answered', at: answered });
      expected = Number.POSITIVE_INFINITY;
    }
  }
  ask(client);
  return true;
}

/** Resolves once the client has its first list and has asked to wait for another one. */
function open(port: number, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    const client: Client = { socket, token, etag: '', pending: '', isReady: false };
    clients.push(client);
    socket.once('connect', () => ask(client));
    socket.on('data', (text) => {
      bytes += text.length;
      client.pending += String(text);
      while (take(client, resolve));
    });
    socket.once('error', reject);
    socket.once('close', () => tell({ kind: 'trouble', detail: 'a connection was closed' }));
  });
}

async function openAll({ port, tokens, waitSeconds }: Extract<ClientsTask, { kind: 'open' }>): Promise<void> {
  host = `127.0.0.1:${port}`;
  prefer = waitSeconds === 0 ? '' : `Prefer: wait=${waitSeconds}\r\n`;
  for (let i = 0; i < tokens.length; i += OPENED_AT_ONCE) {
    await Promise.all(tokens.slice(i, i + OPENED_AT_ONCE).map((token) => open(port, token)));
  }
  tell({ kind: 'opened' });
}

process.on('message', (task: ClientsTask) => {
  if (task.kind === 'open') openAll(task).catch((error) => tell({ kind: 'trouble', detail: String(error) }));
  if (task.kind === 'expect') {
    answered = [];
    expected = clients.length;
    tell({ kind: 'expecting', bytes });
  }
  if (task.kind === 'close') {
    for (const { socket } of clients) socket.removeAllListeners('close').destroy();
    clients.length = 0;
    tell({ kind: 'closed' });
  }
});
process.once('disconnect', () => process.exit());
