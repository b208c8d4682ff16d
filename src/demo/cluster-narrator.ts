import type { DemoHost } from './cluster-config.js';
import { haproxyOf } from './cluster-guide.js';
import type { Guide } from './guide.js';
import { createPage } from './page.js';

/** Explains on standard output what the demo of a cluster does. */
export interface ClusterNarrator {
  databaseStarts(program: string): void;
  databaseStarted(url: string): void;
  hostsStart(): void;
  hostsStarted(hosts: readonly DemoHost[]): void;
  crawlEnded(spaces: readonly { readonly user: string; readonly images: number }[]): void;
  killBegins(): void;
  /** One line of what is done and seen. */
  seen(what: string): void;
  guide(hosts: readonly DemoHost[], guide: Guide): void;
}

export function createClusterNarrator(stdout: NodeJS.WritableStream, isTTY: boolean): ClusterNarrator {
  const { heading, comment, say, fact, step } = createPage(stdout, isTTY);
  return {
    databaseStarts: (program) => say('', heading('The database'), fact('program', program)),
    databaseStarted: (url) => say(fact('address', url)),
    hostsStart: () => say('', heading('The hosts'), comment('  each a process of its own; the first makes the index')),
    hostsStarted(hosts) {
      for (const { name, url } of hosts) say(fact(name, url));
    },
    crawlEnded(spaces) {
      say('', heading('The first crawl'), comment('  by whichever crawler has claimed a space'));
      for (const { user, images } of spaces) say(fact(`space of ${user}`, `${images} images`));
    },
    killBegins: () => say('', heading('Hosts are killed')),
    seen: (what) => say(`  ${what}`),
    guide(hosts, { variables, requests, commands }) {
      say('', heading('For a proxy'), comment('# an address for clients, in haproxy.cfg'), ...haproxyOf(hosts));
      say('', heading('To try in another terminal'), comment('# first: the tokens of a user and an administrator'));
      say(...variables, ...requests.flatMap(step));
      say('', heading('The same from the command line'), ...commands.flatMap(step));
      say('', comment('# kill a host yourself; lists go on at the other one'));
      for (const { name, configFile } of hosts) say(`pkill -9 -f '${configFile}'${comment(`  # ${name}`)}`);
      say('', 'It crawls again every minute. Ctrl-C ends the demo and removes its files.');
    },
  };
}
