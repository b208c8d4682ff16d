import { describe, expect, it } from 'vitest';
import { diagnoseHosts } from '../../../src/domain/diagnosis/diagnose-hosts.js';
import {
  compareHosts,
  countHosts,
  type Fingerprints,
  type HostRecord,
  THERE_FOR_MS,
} from '../../../src/domain/diagnosis/host-differences.js';

const PRINTS: Fingerprints = { spaces: 's', crawl: 'c', link: 'l', auth: 'a', api: 'p', webhooks: 'w' };

const CRAWLS = { roles: ['crawler'] };

/** Hosts in the order of their starts. */
const hosts = (
  ...given: readonly (Partial<Fingerprints> & { readonly silentMs?: number; readonly roles?: readonly string[] })[]
): readonly HostRecord[] =>
  given.map(({ silentMs = 0, roles = ['api'], ...prints }, at) => ({
    ...{ name: `host${at}`, roles, version: '1', startedAt: at, seenAt: 0, silentMs, leads: false },
    fingerprints: { ...PRINTS, ...prints },
  }));
const differing = (of: readonly HostRecord[]) => compareHosts(of).map(({ differsIn }) => differsIn.join());

describe('hosts', () => {
  it.each<[string, readonly HostRecord[], readonly string[]]>([
    ['that are alike', hosts({}, {}), ['', '']],
    ['that is alone', hosts({ spaces: 'x' }), ['']],
    ['of which one differs', hosts({ spaces: 'x', auth: 'x' }, {}, {}), ['spaces,auth', '', '']],
    ['of which two differ in other respects', hosts({ crawl: 'x' }, { link: 'x' }, {}), ['crawl', 'link', '']],
    ['of which neither side has more: the later one', hosts({}, { spaces: 'x' }), ['', 'spaces']],
    [
      'of which those that crawl tell receivers differently',
      hosts({}, CRAWLS, CRAWLS, { ...CRAWLS, webhooks: 'x' }),
      ['', '', '', 'webhooks'],
    ],
    ['that tell receivers nothing, as they do not crawl', hosts({}, {}, { ...CRAWLS, webhooks: 'x' }), ['', '', '']],
    ['that are not there', hosts({}, { api: 'x', silentMs: THERE_FOR_MS + 1 }), ['', '']],
    ['that were there just now', hosts({}, { api: 'x', silentMs: THERE_FOR_MS }), ['', 'api']],
  ])('%s differ so', (_case, of, expected) => {
    expect(differing(of)).toEqual(expected);
  });

  it('are compared in the order of their starts, however they are listed', () => {
    expect(differing(hosts({}, { spaces: 'x' }).toReversed())).toEqual(['spaces', '']);
  });

  it('are counted', () => {
    const all = hosts({}, {}, { spaces: 'x' }, { spaces: 'x', silentMs: THERE_FOR_MS + 1 });
    expect(countHosts(compareHosts(all))).toEqual({ alike: 2, differing: 1, silent: 1 });
  });

  it('are told of, with what to do about those that differ', () => {
    expect(diagnoseHosts([])).toEqual([]);
    expect(diagnoseHosts(compareHosts(hosts({}, {})))).toMatchObject([
      { severity: 'ok', message: '2 hosts, configured alike' },
    ]);
    expect(diagnoseHosts(compareHosts(hosts({}, {}, { spaces: 'x', crawl: 'x' })))).toMatchObject([
      { area: 'host', subject: 'host2', severity: 'warning', message: expect.stringMatching(/: spaces, crawl$/) },
    ]);
  });

  it('of which one leads are told which', () => {
    const [first, second] = hosts({}, {});
    if (!first || !second) throw new Error('there are two');
    expect(diagnoseHosts(compareHosts([first, { ...second, leads: true }]))).toMatchObject([
      { severity: 'ok', subject: 'hosts' },
      { severity: 'ok', subject: 'host1', message: expect.stringMatching(/^it leads/) },
    ]);
  });

  it('that run different versions are named, those that are silent aside', () => {
    const [first, second, third, silent] = hosts({}, {}, {}, { silentMs: THERE_FOR_MS + 1 });
    if (!first || !second || !third || !silent) throw new Error('there are four');
    const all = [first, { ...second, version: '2' }, third, { ...silent, version: '3' }];
    expect(diagnoseHosts(compareHosts(all))).toMatchObject([
      { severity: 'ok' },
      {
        ...{ area: 'host', subject: 'hosts', severity: 'warning' },
        message: 'they run different versions: 1 (host0, host2), 2 (host1)',
      },
      { subject: 'host3' },
    ]);
  });

  it('that are silent are named, be there others or not', () => {
    const silentMs = THERE_FOR_MS + 1;
    const silent = { area: 'host', severity: 'warning', message: expect.stringContaining('1970-01-01T00:00:00.000Z') };
    expect(diagnoseHosts(compareHosts(hosts({}, { spaces: 'x', silentMs })))).toMatchObject([
      { severity: 'ok', message: '1 host, configured alike' },
      { ...silent, subject: 'host1' },
    ]);
    expect(diagnoseHosts(compareHosts(hosts({ silentMs })))).toMatchObject([{ ...silent, subject: 'host0' }]);
  });
});
