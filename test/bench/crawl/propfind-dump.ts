/**
 * Stands in for wrk where that is not installed: PROPFINDs as fast as undici
 * sends them, each body dropped as it comes. Prints the answers a second.
 * Usage: propfind-dump.ts URL FILE IN_FLIGHT SECONDS
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import type { RecordedPropfind } from './recorded-propfind.js';

const [url = '', file = '', inFlight = '', seconds = ''] = process.argv.slice(2);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedPropfind & { readonly paths: readonly string[] };
const { origin } = new URL(url);
const { body, paths } = recorded;
// undici frames the body and keeps the connection itself.
const headers = Object.fromEntries(recorded.headers.filter(([name]) => !/^(?:connection|content-length)$/i.test(name)));
const agent = new Agent({ connections: Number(inFlight) });

/** What runs often is compiled by then. */
const WARM_UP_MS = 1_000;
const startedAt = performance.now() + WARM_UP_MS;
const endsAt = startedAt + Number(seconds) * 1000;
let next = 0;
let answers = 0;

async function worker(): Promise<void> {
  for (let now = 0; now < endsAt; ) {
    const path = paths[next++ % paths.length] ?? '/';
    const status = await ask(path);
    if (status !== 207) throw new Error(`${origin}${path} answered ${status}`);
    now = performance.now();
    if (now >= startedAt && now < endsAt) answers++;
  }
}

function ask(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    agent.dispatch(
      { origin, path, method: 'PROPFIND', headers, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: () => {},
        onResponseEnd: () => resolve(status),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

await Promise.all(Array.from({ length: Number(inFlight) }, worker));
await agent.close();
process.stdout.write(`${answers / Number(seconds)}`);
