import { describe, expect, it } from 'vitest';
import type { LinkOrigin, LinkStanding, OpenedLink } from '../../../src/domain/model/link.js';
import type { Space, SpaceSettings } from '../../../src/domain/model/space.js';
import {
  baseOf,
  chooseOrigin,
  isTaken,
  linkedUrl,
  linkStateOf,
  refusalOfGrant,
  withLinks,
} from '../../../src/domain/policy/linking.js';

const CLOUD: LinkOrigin = { url: 'https://cloud.example.org/remote.php/dav/files/{user}/', loginName: '{user}' };
const OTHER: LinkOrigin = {
  url: 'https://example.org/nc/remote.php/dav/files/{user}/',
  loginName: '{user}@example.org',
  connection: { headers: { 'X-Way': 'in' }, tls: null, proxy: null },
};

describe('a Nextcloud', () => {
  it.each([
    [CLOUD.url, 'https://cloud.example.org/'],
    [OTHER.url, 'https://example.org/nc/'],
    ['https://cloud.example.org/dav/{user}/', null],
  ])('%s has the base %s', (url, base) => {
    expect(baseOf(url)).toBe(base);
  });

  it.each<[string, readonly LinkOrigin[], string | null, object]>([
    ['the only one without being named', [CLOUD], null, CLOUD],
    ['one of several by its name', [CLOUD, OTHER], 'https://example.org/nc', OTHER],
    [
      'none if several are possible',
      [CLOUD, OTHER],
      null,
      { problem: 'server: which one is meant? It must be one of https://cloud.example.org/, https://example.org/nc/' },
    ],
    [
      'none that is not configured',
      [CLOUD],
      'https://evil.example',
      { problem: `server: "https://evil.example" can't be linked; it must be one of https://cloud.example.org/` },
    ],
  ])('is chosen: %s', (_case, origins, wanted, expected) => {
    expect(chooseOrigin(origins, wanted)).toEqual(expected);
  });

  it.each<[string, LinkOrigin, string, string, string | null]>([
    ['the user', CLOUD, 'https://cloud.example.org', 'jm', null],
    ['the user, by the name that is usual there', OTHER, 'https://example.org/nc/', 'jm@example.org', null],
    [
      'somebody else',
      CLOUD,
      'https://cloud.example.org',
      'lab',
      '"lab" has logged in there; to connect the storage of "jm", log in as "jm"',
    ],
    [
      'another spelling of the user',
      CLOUD,
      'https://cloud.example.org',
      'JM',
      expect.stringContaining('"JM"') as never,
    ],
    [
      'the user at another storage',
      CLOUD,
      'https://evil.example',
      'jm',
      'the storage calls itself "https://evil.example", and not https://cloud.example.org/; its administrator has to correct one of the two addresses',
    ],
    ['what is no address', CLOUD, 'cloud', 'jm', expect.stringContaining('"cloud"') as never],
    ['another folder', OTHER, 'https://example.org', 'jm@example.org', expect.stringContaining('nc') as never],
  ])('gives an app password of %s', (_case, origin, server, loginName, expected) => {
    expect(refusalOfGrant(origin, 'jm', { server, loginName })).toEqual(expected);
  });

  it('takes the name of a user as it is', () => {
    const grant = { server: 'https://cloud.example.org/', loginName: 'a$$b' };
    expect(refusalOfGrant(CLOUD, 'a$$b', grant)).toBeNull();
    expect(refusalOfGrant(CLOUD, 'a$$b', { ...grant, loginName: 'a$b' })).toMatch(/has logged in there/);
  });

  it("has a user's space at an address in which the name is one segment", () => {
    expect(linkedUrl(CLOUD, '../a b')).toBe('https://cloud.example.org/remote.php/dav/files/..%2Fa%20b/');
  });
});

describe('the spaces with those of links', () => {
  const link = (user: string, more: Partial<OpenedLink> = {}): OpenedLink => ({
    user,
    server: 'https://cloud.example.org/',
    loginName: user,
    via: 'browser',
    linkedAt: 1,
    password: `app-${user}`,
    ...more,
  });
  const space = (user: string, more: Partial<SpaceSettings> = {}): SpaceSettings => ({
    user,
    url: linkedUrl(CLOUD, user),
    auth: { type: 'none' },
    watchDirectory: null,
    ...more,
  });
  const basic = (user: string) => ({ type: 'basic' as const, username: user, password: `app-${user}` });

  it.each<[string, readonly SpaceSettings[], readonly OpenedLink[], readonly SpaceSettings[]]>([
    ['nothing without links', [space('jm')], [], [space('jm')]],
    ['a space for a link', [space('lab')], [link('jm')], [space('lab'), space('jm', { auth: basic('jm') })]],
    [
      'credentials for a configured space without any',
      [space('jm')],
      [link('jm')],
      [space('jm', { auth: basic('jm') })],
    ],
    [
      'nothing for a configured space with credentials',
      [space('jm', { auth: basic('svc') })],
      [link('jm')],
      [space('jm', { auth: basic('svc') })],
    ],
    [
      'nothing for a space that is configured elsewhere: its server must not be sent the app password',
      [space('jm', { url: 'https://dav.example.org/jm/' })],
      [link('jm')],
      [space('jm', { url: 'https://dav.example.org/jm/' })],
    ],
    ['a space without credentials if no key opens the link', [], [link('jm', { password: null })], [space('jm')]],
    ['nothing at a storage that may no longer be linked', [], [link('jm', { server: 'https://old.example/' })], []],
    [
      'the connection of its storage',
      [],
      [link('jm', { server: 'https://example.org/nc/', loginName: 'jm@example.org' })],
      [
        {
          ...space('jm'),
          url: linkedUrl(OTHER, 'jm'),
          auth: { ...basic('jm'), username: 'jm@example.org' },
          connection: OTHER.connection as never,
        },
      ],
    ],
  ])('have %s', (_case, configured, links, expected) => {
    expect(withLinks(configured, [CLOUD, OTHER], links)).toEqual(expected);
  });
});

describe('the state of a link', () => {
  const none = { link: null, isReadable: true, pending: null, failure: null, isTaken: false };
  const pending = { loginUrl: 'https://cloud.example.org/x', expiresAt: 9 };
  const linked = {
    ...none,
    link: { server: 'https://cloud.example.org/', loginName: 'jm', via: 'browser', linkedAt: 1 } as const,
  };
  const trouble = (kind: 'unauthorized' | 'failed', at = 1) =>
    ({ trouble: { kind, message: '', at } }) as Pick<Space, 'trouble'>;

  it.each<[string, LinkStanding & { isTaken: boolean }, Pick<Space, 'trouble'> | null]>([
    ['configured', { ...none, isTaken: true }, { trouble: null }],
    ['unlinked', none, null],
    ['pending', { ...none, pending }, null],
    ['linked', linked, null],
    ['linked', linked, { trouble: null }],
    ['linked', linked, trouble('failed')],
    ['linked', linked, trouble('unauthorized', 0)],
    ['refused', linked, trouble('unauthorized')],
    ['refused', { ...linked, pending }, trouble('unauthorized')],
    ['lost', { ...linked, isReadable: false }, trouble('unauthorized')],
  ])('is %s', (state, standing, space) => {
    expect(linkStateOf(standing, space)).toBe(state);
  });
});

describe('a space', () => {
  const url = linkedUrl(CLOUD, 'jm');
  const elsewhere = 'https://dav.example.org/jm/';
  const password = { type: 'basic', username: 'svc', password: 'x' } as const;

  it.each<[string, boolean, Pick<SpaceSettings, 'url' | 'auth'> | undefined, { url: string } | null]>([
    ['nobody has named', false, undefined, null],
    ['its user has connected', false, undefined, { url }],
    ['is configured there without credentials', false, { url, auth: { type: 'none' } }, { url }],
    ['is configured there with credentials', true, { url, auth: password }, null],
    ['is configured elsewhere', true, { url: elsewhere, auth: { type: 'none' } }, null],
    ['was discovered elsewhere', true, undefined, { url: elsewhere }],
  ])('that %s is taken: %s', (_case, expected, configured, known) => {
    expect(isTaken('jm', [CLOUD, OTHER], configured, known)).toBe(expected);
  });
});
