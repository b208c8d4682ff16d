import { counted } from '../text/counted.js';
import { type Finding, ok } from './finding.js';
import type { HostAmongOthers } from './host-differences.js';

const ALIKE_ACTION =
  'make the configurations of all hosts alike; until then it is that of the host which leads by which spaces are crawled, and when';
const SILENT_ACTION =
  'look after it; one that is gone for good is no longer named a day later, and one that is stopped in an orderly way at once';

/** Returns what is to be said of the hosts of an index: which are silent, and which are configured differently. */
export function diagnoseHosts(hosts: readonly HostAmongOthers[]): readonly Finding[] {
  const there = hosts.filter(({ isThere }) => isThere);
  const differing = there.filter(({ differsIn }) => differsIn.length > 0);
  const isAlike = there.length > 0 && differing.length === 0;
  return [
    ...(isAlike ? [ok('host', 'hosts', `${counted(there.length, 'host')}, configured alike`)] : []),
    ...differing.map(({ name, differsIn }) =>
      warning(name, `its configuration differs from that of the other hosts in: ${differsIn.join(', ')}`, ALIKE_ACTION),
    ),
    ...hosts.filter(({ isThere }) => !isThere).map(silence),
  ];
}

function silence({ name, seenAt }: HostAmongOthers): Finding {
  const message = `not heard of since ${new Date(seenAt).toISOString()}: it was killed, is cut off, or hangs`;
  return warning(name, message, SILENT_ACTION);
}

function warning(subject: string, message: string, action: string): Finding {
  return { area: 'host', subject, severity: 'warning', message, action };
}
