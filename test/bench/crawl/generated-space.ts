/**
 * A WebDAV server of its own process with a space of any size: it makes each
 * answer while it sends it and never holds one. Below `/space-1/`, `/space-2/` and so on is the same again. `PUT /` with a JSON `GeneratedSpace` makes
 * it another space, or the same at another time.
 * Usage: generated-space.ts PORT
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type GeneratedSpace, hasCollection, multistatusOf } from './generated-multistatus.js';

const [port = ''] = process.argv.slice(2);
let space: GeneratedSpace = { collections: 0, images: 0, shift: 0 };

createServer(async (request, response) => {
  const [base = ''] = /^\/space-\d+(?=\/)/.exec(request.url ?? '/') ?? [];
  const path = (request.url ?? '/').slice(base.length);
  switch (request.method) {
    case 'OPTIONS':
      response.writeHead(200, { DAV: '1' }).end();
      return;
    case 'PUT':
      space = (await json(request)) as GeneratedSpace;
      response.writeHead(204).end();
      return;
    case 'PROPFIND': {
      request.resume();
      if (space.latencyMs !== undefined) await delay(space.latencyMs);
      if (!hasCollection(space, path)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(207, { 'Content-Type': 'text/xml; charset="utf-8"' });
      const depth = String(request.headers['depth'] ?? '1');
      const body = Readable.from(multistatusOf(space, path, depth, base), { highWaterMark: 2 });
      await pipeline(body, response).catch(ignoreHangUp);
      return;
    }
    default:
      response.writeHead(405).end();
  }
}).listen(Number(port), '127.0.0.1');

/** A client may leave in the middle of an answer. */
function ignoreHangUp(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
}
