/**
 * The other side of the list bench, a program of its own: node:http that sends
 * the very answer it finds in a file, whatever is asked.
 * Usage: bare-server.ts PORT FILE
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RecordedAnswer } from './list.js';

const [port = '', file = ''] = process.argv.slice(2);
const { status, headers, body } = JSON.parse(readFileSync(file, 'utf8')) as RecordedAnswer;
const bytes = Buffer.from(body, 'base64');

createServer((_request, response) => {
  response.writeHead(status, headers);
  response.end(bytes);
}).listen(Number(port), '127.0.0.1');
