import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends these very bytes on one connection and reads until the server closes it. */
export async function sendRaw(port: number, bytes: string): Promise<RawAnswer> {
  const [answer] = await sendAllRaw(port, [bytes]);
  if (answer === undefined) throw new Error('the server closed the connection without an answer');
  return answer;
}

/**
 * The same for several requests, one behind the other; the last one must ask to close.
 * Whatever a server leaves unread of one request spoils the answer to the next.
 */
export async function sendAllRaw(port: number, requests: readonly string[]): Promise<RawAnswer[]> {
  const socket = connect(port, '127.0.0.1');
  const text = readAll(socket);
  socket.write(requests.join(''), 'latin1');
  await once(socket, 'end');
  socket.destroy();
  return answersIn(
    text(),
    requests.map((request) => request.startsWith('HEAD ')),
  );
}

/** What has come from a socket, one character a byte. */
export function readAll(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

/** `isHead` says which of the answers have no body in spite of their length. */
export function answersIn(text: string, isHead: readonly boolean[] = []): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ''; ) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) throw new Error(`no whole head: ${rest}`);
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const headers = new Headers(lines.map((line) => line.split(': ', 2) as [string, string]));
    const length = isHead[answers.length] === true ? 0 : Number(headers.get('content-length'));
    const bodyStart = headEnd + 4;
    answers.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: rest.slice(bodyStart, bodyStart + length),
    });
    rest = rest.slice(bodyStart + length);
  }
  return answers;
}
