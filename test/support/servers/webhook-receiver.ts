import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it came. */
export interface ReceivedMessage {
  readonly id: string;
  readonly path: string;
  readonly isSigned: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly type: string;
  readonly body: string;
  readonly data: {
    readonly user: string;
    readonly images?: readonly { readonly id: number; readonly path: string }[];
    readonly state?: string;
    readonly message?: string;
    readonly reason?: string;
  };
}

/** How the receiver answers: a status, a status with headers, or by hand. */
export type Answer =
  | number
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void);

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  /** All messages, in their order, whatever they were answered. */
  readonly messages: readonly ReceivedMessage[];
  /** How the next ones are answered, one after the other; then 204. */
  readonly answers: Answer[];
  /** Resolves once there are so many messages. */
  received(count: number): Promise<readonly ReceivedMessage[]>;
  /** Called for each message before it is answered. */
  onMessage: (message: ReceivedMessage) => void;
  close(): Promise<void>;
}

/** Starts a receiver that checks signatures by this key. */
export async function startReceiver(key: Uint8Array): Promise<WebhookReceiver> {
  const messages: ReceivedMessage[] = [];
  const answers: Answer[] = [];
  const waiting = new Set<() => void>();
  const receiver = { onMessage: (_message: ReceivedMessage) => {} };
  const server = createServer((request, response) => {
    // As others do, it takes messages alone.
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = read(request, Buffer.concat(chunks).toString('utf8'), key);
      messages.push(message);
      receiver.onMessage(message);
      reply(response, answers.shift() ?? 204);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    messages,
    answers,
    received: (count: number) =>
      new Promise<readonly ReceivedMessage[]>((resolve) => {
        const look = () => {
          if (messages.length < count) return;
          waiting.delete(look);
          resolve(messages);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function reply(response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'function') answer(response);
  else if (typeof answer === 'number') response.writeHead(answer).end();
  else response.writeHead(answer.status, answer.headers).end();
}

function read(request: IncomingMessage, body: string, key: Uint8Array): ReceivedMessage {
  const { headers, url = '' } = request;
  const id = String(headers['webhook-id']);
  const signed = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  const { type, data } = JSON.parse(body) as Pick<ReceivedMessage, 'type' | 'data'>;
  return { id, path: url, isSigned: headers['webhook-signature'] === expected, headers, type, body, data };
}
