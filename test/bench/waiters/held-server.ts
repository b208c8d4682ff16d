/**
 * What node:http itself takes: a server of its own that holds every request with `Prefer`, and sends all of them the very same
 * bytes once it is asked for /answer; /held tells how many there are. Usage: held-server.ts PORT FILE, as `bare-server.ts`.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { RecordedAnswer } from '../list.js';

const [port = '', file = ''] = process.argv.slice(2);
const { status, headers, body } = JSON.parse(readFileSync(file, 'utf8')) as RecordedAnswer;
const bytes = Buffer.from(body, 'base64');
const held = new Set<ServerResponse>();

const answer = (response: ServerResponse) => {
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
};
// As long as the API's own: an idle connection of the benchmark must not be closed in its middle.
createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  if (request.url === '/held') {
    response.end(`${[...held].filter(({ destroyed }) => !destroyed).length}`);
    return;
  }
  if (request.headers['prefer'] !== undefined) held.add(response);
  else answer(response);
  if (request.url !== '/answer') return;
  const all = [...held];
  held.clear();
  for (const one of all) answer(one);
}).listen(Number(port), '127.0.0.1');
