import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { installOvadex } from '../../support/process/ovadex.js';
import { freePort } from '../../support/servers/server-process.js';
import { USER } from './apache-space.js';
import { multistatusOf } from './generated-multistatus.js';

/** What ovadex asks all collections of an open space but the first: that one it also asks whether it is ownCloud's. */
export interface RecordedPropfind {
  /** In their order on the wire, without Host. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A root with one collection in it. */
const SPACE = { collections: 1, images: 0, shift: 0 };

/** Has the built program sync a space, and keeps what it asked for. */
export async function recordPropfind(): Promise<RecordedPropfind> {
  const asked: RecordedPropfind[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    asked.push({ headers: headersOf(request.rawHeaders), body });
    response.writeHead(207, { 'Content-Type': 'text/xml; charset="utf-8"' });
    response.end([...multistatusOf(SPACE, request.url ?? '/', '1')].join(''));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const ovadex = await installOvadex();
  try {
    ovadex.configure({ spaces: [{ user: USER, url: `http://127.0.0.1:${port}/` }] });
    await ovadex.json('sync', '--user', USER, '--full');
    const [, second] = asked;
    if (second === undefined) throw new Error('ovadex sync asked for the root only');
    return second;
  } finally {
    ovadex.remove();
    server.close();
  }
}

/** The bytes of the same request for another place. */
export function propfindBytes({ headers, body }: RecordedPropfind, host: string, path: string): string {
  const lines = [['host', host], ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `PROPFIND ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function headersOf(raw: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return headers.filter(([name]) => name.toLowerCase() !== 'host');
}
