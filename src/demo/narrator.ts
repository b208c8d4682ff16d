import type { Sync } from '../domain/model/sync.js';
import type { Guide } from './guide.js';
import { createPage } from './page.js';
import type { Demo } from './prepare.js';

/** Explains on standard output what the demo does, with colours only on a terminal. */
export interface Narrator {
  preparing(): void;
  storage(demo: Demo): void;
  crawlStarts(): void;
  crawlEnded(syncs: readonly Sync[]): void;
  /** Presents the API; `takenPort` is the port that it would have used, if that was taken. */
  api(place: ApiPlace, guide: Guide): void;
  stopping(): void;
}

export interface ApiPlace {
  readonly url: string;
  readonly takenPort: number | null;
  readonly configFile: string;
  /** With what a user signs in to the console. */
  readonly signIn: { readonly user: string; readonly password: string };
}

export function createNarrator(stdout: NodeJS.WritableStream, isTTY: boolean): Narrator {
  const { heading, comment, say, fact, step } = createPage(stdout, isTTY);
  return {
    preparing: () => say('Making a WebDAV storage with two spaces of sample images ...', ''),
    storage(demo) {
      say(heading('The storage'), fact('WebDAV server', demo.davUrl));
      for (const { user, url, directory, password } of demo.spaces) {
        say(
          fact(`space of ${user}`, directory),
          fact('', comment(`curl -u ${user}:${password} -X PROPFIND -H 'Depth: 1' ${url}`)),
        );
      }
    },
    crawlStarts: () => say('', heading('The first crawl')),
    crawlEnded(syncs) {
      for (const { user, counts } of syncs) {
        say(fact(`space of ${user}`, `${counts.images} images in ${counts.collections} collections`));
      }
    },
    api({ url, takenPort, configFile, signIn }, { variables, requests, commands }) {
      say('', heading('The API'), fact('address', url));
      if (takenPort !== null) say(fact('', comment(`port ${takenPort} is taken, so another one is used`)));
      say(fact('documentation', `${url}/docs`), fact('configuration', configFile));
      say('', heading('In a browser'), fact('address', `${url}/console`));
      say(fact(`user ${signIn.user}`, `with the password ${signIn.password}`));
      say(fact('administrator', 'with the access token ADMIN below'));
      say('', heading('To try in another terminal'), comment('# first: the tokens of a user and an administrator'));
      say(...variables, ...requests.flatMap(step));
      say('', heading('The same from the command line'), ...commands.flatMap(step));
      say('', 'It crawls again every minute. Ctrl-C ends the demo and removes its files.');
    },
    stopping: () => say('', 'Stopping.'),
  };
}
