import { counted } from '../text/counted.js';
import { type Finding, ok } from './finding.js';
import type { HostAmongOthers } from './host-differences.js';

const ALIKE_ACTION =
  'make the configurations of all hosts alike; until then it is that of the host which leads by which spaces are crawled, and when';
const SILENT_ACTION =
  'look after it; one that is gone for good is no longer named a day later, and one that is stopped in an orderly way at once';

const LEADS = 'it leads: by its configuration it is decided which spaces there are, and when they are crawled';
const VERSIONS_ACTION =
  'upgrade the other hosts too; one that is older than the schema of the index ends itself, and refuses to start';

/**
 * Returns what is to be said of the hosts of an index: which are silent, which are configured differently, and which of those that
 * are there run which version, if that isn't one.
 */
export function diagnoseHosts(hosts: readonly HostAmongOthers[]): readonly Finding[] {
  const there = hosts.filter(({ isThere }) => isThere);
  const differing = there.filter(({ differsIn }) => differsIn.length > 0);
  const isAlike = there.length > 0 && differing.length === 0;
  return [
    ...(isAlike ? [ok('host', 'hosts', `${counted(there.length, 'host')}, configured alike`)] : []),
    ...hosts.filter(({ leads }) => leads).map(({ name }) => ok('host', name, LEADS)),
    ...differing.map(({ name, differsIn }) =>
      warning(name, `its configuration differs from that of the other hosts in: ${differsIn.join(', ')}`, ALIKE_ACTION),
    ),
    ...versions(there),
    ...hosts.filter(({ isThere }) => !isThere).map(silence),
  ];
}

function versions(there: readonly HostAmongOthers[]): readonly Finding[] {
  const found = [...new Set(there.map(({ version }) => version))];
  if (found.length < 2) return [];
  const hostsOf = (version: string) => there.filter((host) => host.version === version).map(({ name }) => name);
  const each = found.map((version) => `${version} (${hostsOf(version).join(', ')})`);
  return [warning('hosts', `they run different versions: ${each.join(', ')}`, VERSIONS_ACTION)];
}

function silence({ name, seenAt }: HostAmongOthers): Finding {
  const message = `not heard of since ${new Date(seenAt).toISOString()}: it was killed, is cut off, or hangs`;
  return warning(name, message, SILENT_ACTION);
}

function warning(subject: string, message: string, action: string): Finding {
  return { area: 'host', subject, severity: 'warning', message, action };
}
