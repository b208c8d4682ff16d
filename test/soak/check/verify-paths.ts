import { Agent, request } from 'node:http';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { hrefFromPath } from '../../../src/webdav/multistatus/href.js';
import type { Shown } from '../reader.js';
import type { Storage } from '../storage.js';
import { demand, quoted } from './violation.js';

/** Follows shown paths to their files. */
export interface PathVerifier {
  /** Asks for each image that wasn't asked for before and is still there. */
  verify(shown: Shown): Promise<void>;
  close(): void;
}

export function createPathVerifier(url: string, storage: Storage): PathVerifier {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const verified = new Set<string>();
  const { origin, pathname } = new URL(url);
  const get = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      // The target goes out as it stands.
      const options = { agent, path: `${pathname}${hrefFromPath(path as ResourcePath)}` };
      const outgoing = request(origin, options, (response) => {
        let body = `${response.statusCode} `;
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve(body)).on('error', reject);
      });
      outgoing.on('error', (error) => {
        // A server closes a connection that nobody uses for some seconds, perhaps at the very moment at which somebody does.
        const isOfThePast = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        if (isOfThePast) resolve(get(path));
        else reject(error);
      });
      outgoing.end();
    });

  return {
    async verify({ images }) {
      const stored = storage.images();
      for (const path of images.keys()) {
        const content = stored.get(path)?.content;
        if (content === undefined || verified.has(`${path}\n${content}`)) continue;
        const found = await get(path);
        demand(found === `200 ${content}`, '4 (a path leads back)', () => {
          return `${quoted([path])} leads to ${JSON.stringify(found)} and not to ${JSON.stringify(content)}`;
        });
        verified.add(`${path}\n${content}`);
      }
    },
    close: () => agent.destroy(),
  };
}
