import { counted } from '../text/counted.js';
import { type Finding, ok } from './finding.js';
import type { HostAmongOthers } from './host-differences.js';

const ALIKE_ACTION =
  'make the configurations of all hosts alike; until then it is that of the host which leads by which spaces are crawled, and when';

/** Returns what is to be said of the hosts of an index: which are configured differently. */
export function diagnoseHosts(hosts: readonly HostAmongOthers[]): readonly Finding[] {
  const there = hosts.filter(({ isThere }) => isThere);
  if (there.length === 0) return [];
  const differing = there.filter(({ differsIn }) => differsIn.length > 0);
  if (differing.length === 0) return [ok('host', 'hosts', `${counted(there.length, 'host')}, configured alike`)];
  return differing.map(({ name, differsIn }) => ({
    area: 'host',
    subject: name,
    severity: 'warning',
    message: `its configuration differs from that of the other hosts in: ${differsIn.join(', ')}`,
    action: ALIKE_ACTION,
  }));
}
