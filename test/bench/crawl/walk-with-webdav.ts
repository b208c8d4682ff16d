/**
 * The other side of the crawl bench, a program of its own: walks a space by the
 * `webdav` client's own listing and prints how many images it saw and how long it took.
 * Usage: walk-with-webdav.ts URL IN_FLIGHT
 */
import { createClient, type FileStat } from 'webdav';
import type { TimedRun } from './crawl.js';

const [url = '', inFlight = '', passes = ''] = process.argv.slice(2);

async function walk(): Promise<TimedRun> {
  const startedAt = performance.now();
  const client = createClient(url);
  const waiting = ['/'];
  let images = 0;

  const visit = async (collection: string) => {
    // Its declared type allows for `details: true`, which is not asked for.
    const members = (await client.getDirectoryContents(collection)) as FileStat[];
    for (const member of members) {
      if (member.type === 'directory') waiting.push(member.filename);
      else if (/\.ov[af]$/i.test(member.basename)) images++;
    }
  };

  await new Promise<void>((resolve, reject) => {
    let running = 0;
    const advance = () => {
      while (running < Number(inFlight)) {
        const next = waiting.pop();
        if (next === undefined) break;
        running++;
        visit(next).then(() => {
          running--;
          advance();
        }, reject);
      }
      if (running === 0) resolve();
    };
    advance();
  });
  return { images, elapsedMs: performance.now() - startedAt };
}

let last = await walk();
for (let pass = 1; pass < Number(passes); pass++) last = await walk();
process.stdout.write(JSON.stringify(last));
