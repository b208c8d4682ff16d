import { readFileSync } from 'node:fs';

const DOCUMENT = new URL('../../../config/README.md', import.meta.url);

/** Requests for a first sync, and for one without changes before and after one was seen. */
export interface DocumentedRequests {
  readonly first: number;
  readonly learning: number;
  readonly unchanged: number;
}

/** What the table of servers in config/README.md says of the one whose row begins so. */
export function documentedRequests(server: string): DocumentedRequests {
  const row = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .find(
      (line) =>
        new RegExp(`^\\| ${server.replaceAll(/[/.]/g, '\\$&')}[ ,]`).test(line) && /\d+, \d+, \d+ \|$/.test(line),
    );
  const [, first, learning, unchanged] = /(\d+), (\d+), (\d+) \|$/.exec(row ?? '') ?? [];
  if (unchanged === undefined) throw new Error(`the table of servers in config/README.md has no row for ${server}`);
  return { first: Number(first), learning: Number(learning), unchanged: Number(unchanged) };
}
