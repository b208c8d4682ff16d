import { styleText } from 'node:util';
import type { Sync } from '../domain/sync.js';
import type { GuideStep } from './guide.js';
import type { Demo } from './prepare.js';

/** Tells on standard output what the demo does. Colours only on a terminal. */
export interface Narrator {
  storage(demo: Demo, configFile: string): void;
  crawlStarts(): void;
  crawlEnded(syncs: readonly Sync[]): void;
  /** `takenPort` is the one that the API would have had. */
  api(url: string, takenPort: number | null, steps: readonly GuideStep[]): void;
  stopping(): void;
}

export function createNarrator(stdout: NodeJS.WritableStream, isTTY: boolean): Narrator {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) => (isTTY ? styleText(format, text) : text);
  const [heading, comment] = [style('bold'), style('dim')];
  const say = (...lines: string[]) => void stdout.write(`${lines.join('\n')}\n`);
  const fact = (name: string, value: string) => `  ${name.padEnd(16)}${value}`;

  return {
    storage(demo, configFile) {
      say(heading('The storage'), fact('WebDAV server', demo.davUrl));
      for (const { user, url, directory, password } of demo.spaces) {
        say(
          fact(`space of ${user}`, directory),
          fact('', comment(`curl -u ${user}:${password} -X PROPFIND -H 'Depth: 1' ${url}`)),
        );
      }
      say(fact('configuration', configFile));
    },
    crawlStarts: () => say('', heading('The first crawl')),
    crawlEnded(syncs) {
      for (const { user, counts } of syncs) {
        say(fact(`space of ${user}`, `${counts.images} images in ${counts.collections} collections`));
      }
    },
    api(url, takenPort, steps) {
      say('', heading('The API'), fact('address', url));
      if (takenPort !== null) say(fact('', comment(`port ${takenPort} is taken`)));
      say('', heading('To try in another terminal'));
      for (const { shows, command } of steps) say('', comment(`# ${shows}`), command);
      say('', 'It crawls again every minute. Ctrl-C ends the demo and removes its files.');
    },
    stopping: () => say('', 'Stopping.'),
  };
}
