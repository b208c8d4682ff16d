import { describe, expect, it } from 'vitest';
import { fingerprintsOf } from '../../src/config/fingerprints.js';
import type { Config } from '../../src/config/schema.js';
import { ALIKE_SECTIONS } from '../../src/domain/diagnosis/host-differences.js';
import type { SpaceSettings } from '../../src/domain/model/space.js';
import type { WebhookSettings } from '../../src/domain/webhooks/webhook.js';

const space = (user: string, more: Partial<SpaceSettings> = {}): SpaceSettings => ({
  user,
  url: `http://dav.test/${user}/`,
  auth: { type: 'basic', username: 'svc', password: 'secret' },
  watchDirectory: null,
  ...more,
});
const hook = (more: Partial<WebhookSettings> = {}): WebhookSettings => ({
  ...{
    name: 'deployer',
    url: 'https://deploy.test/hook',
    users: null,
    events: ['image.changed'],
    allowPrivate: false,
  },
  secret: Buffer.from('a secret of four-and-twenty bytes'),
  ...more,
});
const CONFIG = {
  spaces: [space('ada'), space('bob')],
  discoveries: [{ url: 'http://dav.test/', auth: { type: 'none' } }],
  userFolders: [],
  publicUsers: ['ada'],
  crawl: { schedule: '* * * * *', exclude: ['*.tmp'], spacesAtOnce: 4, timeZone: 'UTC' },
  describe: { enabled: true },
  maintenance: { schedule: null },
  link: { origins: [{ url: 'https://cloud.test/' }], keyFile: '/etc/a' },
  auth: { issuers: [], failedLogIns: 'auto', forwardClientAddress: [], keepAppPasswords: false },
  webhooks: [hook()],
  api: { catalogue: 'personal', waitsPerUser: 9 },
} as unknown as Config;

/** Without what takes time. */
const SMALL = { ...CONFIG, spaces: [], discoveries: [], publicUsers: [] };

/** The sections in which another configuration differs. */
const differing = (next: Partial<Config>) => {
  const [before, after] = [fingerprintsOf(CONFIG), fingerprintsOf({ ...CONFIG, ...next })];
  return ALIKE_SECTIONS.filter((section) => before[section] !== after[section]);
};

describe('a fingerprint', () => {
  it.each<[string, Partial<Config>, readonly string[]]>([
    ['a space more', { spaces: [...CONFIG.spaces, space('eve')] }, ['spaces']],
    ['another place', { spaces: [space('ada'), space('bob', { url: 'http://other.test/' })] }, ['spaces']],
    ['another account', { spaces: [space('ada'), space('bob', { auth: { type: 'none' } })] }, ['spaces']],
    ['no discovery', { discoveries: [] }, ['spaces']],
    ['other exclusions', { crawl: { ...CONFIG.crawl, exclude: [] } }, ['crawl']],
    ['the time zone of another machine', { crawl: { ...CONFIG.crawl, timeZone: 'Asia/Tokyo' } }, ['crawl']],
    ['no descriptions', { describe: { ...CONFIG.describe, enabled: false } }, ['crawl']],
    ['no links', { link: { ...CONFIG.link, origins: [] } }, ['link']],
    ['app passwords that are kept', { auth: { ...CONFIG.auth, keepAppPasswords: true } }, ['auth']],
    ['public spaces', { api: { ...CONFIG.api, catalogue: 'public' } }, ['api']],
    ['another receiver', { webhooks: [hook({ url: 'https://deploy.test/other' })] }, ['webhooks']],
    [
      'another key of a receiver',
      { webhooks: [hook({ secret: Buffer.from('another of such a length too') })] },
      ['webhooks'],
    ],
    ['no receiver', { webhooks: [] }, ['webhooks']],
    ['a receiver that is told of some', { webhooks: [hook({ users: ['ada'] })] }, ['webhooks']],
    ['another order', { spaces: CONFIG.spaces.toReversed() }, []],
    ['another strength of the host', { crawl: { ...CONFIG.crawl, spacesAtOnce: 8 } }, []],
    ['a file elsewhere', { link: { ...CONFIG.link, keyFile: '/etc/b' } }, []],
    [
      'another password, which may have been renewed here first and could be guessed by its print',
      { spaces: [space('ada', { auth: { type: 'basic', username: 'svc', password: 'other' } }), space('bob')] },
      [],
    ],
  ])('tells %s', (_what, next, expected) => {
    expect(differing(next)).toEqual(expected);
  });

  it('has so little of a key that whoever guesses keys finds many with the same', () => {
    const prints = new Set<string>();
    const tries = 10_000;
    for (let n = 0; n < tries; n++) {
      prints.add(
        fingerprintsOf({ ...SMALL, webhooks: [hook({ secret: Buffer.from(`a key that is guessed: ${n}`) })] }).webhooks,
      );
    }
    expect(prints.size).toBeLessThan(0.95 * tries);
    expect(prints.size).toBeGreaterThan(0.9 * tries);
  });
});
