/**
 * The other side of the bench of many users, a program of its own: node:http that sends each of them the very answer
 * that it finds for the Authorization of the request in a file.
 * Usage: bare-users.ts PORT FILE
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RecordedAnswer } from './list.js';

const [port = '', file = ''] = process.argv.slice(2);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, RecordedAnswer>;
const answers = new Map(
  Object.entries(recorded).map(([caller, { status, headers, body }]) => {
    return [caller, { status, headers, bytes: Buffer.from(body, 'base64') }] as const;
  }),
);

createServer((request, response) => {
  const answer = answers.get(request.headers.authorization ?? '');
  if (answer === undefined) {
    response.writeHead(401).end();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.bytes);
}).listen(Number(port), '127.0.0.1');
