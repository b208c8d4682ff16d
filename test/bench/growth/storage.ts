/**
 * A storage of any number of spaces in a process of its own, each at `/NAME/` with an ETag that never moves: what a crawl
 * asks when nothing has changed, and no more. `GET /` tells how many requests for spaces came so far.
 * Usage: storage.ts PORT
 */
import { createServer } from 'node:http';
import { rootEtag, rootMultistatus } from './unchanged-root.js';

const [port = ''] = process.argv.slice(2);
let requests = 0;

createServer((request, response) => {
  request.resume();
  const path = request.url ?? '/';
  if (request.method === 'GET') {
    response.end(String(requests));
    return;
  }
  if (request.method !== 'PROPFIND') {
    response.writeHead(request.method === 'OPTIONS' ? 200 : 405, { DAV: '1' }).end();
    return;
  }
  requests++;
  const user = path.slice(1, -1);
  response
    .writeHead(207, { 'Content-Type': 'application/xml; charset=utf-8' })
    .end(rootMultistatus(path, rootEtag(user)));
}).listen(Number(port), '127.0.0.1');
