import { describe, expect, it, onTestFinished } from 'vitest';
import { discoverSpaces } from '../../../src/crawl/spaces/discover.js';
import type { DiscoverySettings } from '../../../src/domain/model/space.js';
import type { CloudAnswer } from '../../support/nextcloud/answer.js';
import { createNextcloud } from '../../support/nextcloud/cloud.js';
import type { CloudRequest } from '../../support/nextcloud/request.js';
import { createTestWebdav, NEVER } from '../open-store.js';

const ADMIN = 'admin';

interface Person {
  readonly backend?: string;
  readonly groups?: readonly string[];
}

/** A Nextcloud with these users beside an administrator, and what a discovery there finds. */
async function createScene(people: Readonly<Record<string, Person>>, groups?: readonly string[]) {
  const cutIn: { answer: ((request: CloudRequest) => CloudAnswer | null) | null } = { answer: null };
  const cloud = await createNextcloud({
    users: { [ADMIN]: { isAdmin: true }, ...people },
    interpose: (request) => cutIn.answer?.(request) ?? null,
  });
  onTestFinished(() => cloud.close());
  const auth = { type: 'basic', username: ADMIN, password: cloud.user(ADMIN).mintAppPassword().secret } as const;
  const discovery: DiscoverySettings = {
    url: `${cloud.url}/`,
    auth,
    kind: 'ocs',
    ...(groups === undefined ? {} : { groups }),
    spaceUrl: `${cloud.url}/remote.php/dav/files/{user}/`,
    exclude: [ADMIN],
  };
  const webdav = createTestWebdav();
  const before = { known: [] as readonly string[], gone: new Set<string>() };
  const discover = async () => {
    const store = webdav.open(discovery);
    const found = await discoverSpaces(discovery, {
      store,
      urlOf: (user) => `${cloud.url}/remote.php/dav/files/${user}/`,
      known: before.known,
      goneBefore: before.gone,
      isExcluded: (path) => path === ADMIN,
      credentialsOf: async () => auth,
      signal: NEVER,
    });
    await store.close();
    const users = found.spaces.map(({ user }) => user).sort();
    Object.assign(before, { known: users, gone: new Set(found.gone) });
    return { users, trouble: found.trouble, warnings: found.warnings };
  };
  const asked = () => cloud.requests.map(({ path }) => path.replace('/ocs/v1.php/', ''));
  return { cloud, discover, asked, cutIn };
}

const many = (prefix: string, count: number, traits: Person = {}) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${String(n).padStart(4, '0')}`, traits]));
const offsetOf = ({ query }: CloudRequest) => query.get('offset');
const pageOf = (users: readonly string[]): CloudAnswer => ({
  status: 200,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({ ocs: { meta: { status: 'ok', statuscode: 100, message: 'OK' }, data: { users } } }),
});

describe('the users of a Nextcloud', () => {
  it('are listed page by page, whichever back end has them', async () => {
    const people = {
      ...many('a', 1_050),
      ...many('l', 520, { backend: 'LDAP' }),
      ...many('s', 20, { backend: 'SAML' }),
    };
    const { discover, asked } = await createScene(people);
    const { users, trouble } = await discover();
    expect([users, trouble]).toEqual([Object.keys(people), null]);
    expect(asked()).toHaveLength(3);
  });

  it('are listed to the end if a back end has exactly as many as a page', async () => {
    const people = { ...many('a', 499), ...many('l', 500, { backend: 'LDAP' }) };
    const { discover, asked } = await createScene(people);
    expect((await discover()).users).toHaveLength(999);
    expect(asked()).toHaveLength(2);
  });

  it.each([500, 503, 429])('stay as they were if a page in the middle fails with %i', async (status) => {
    const { discover, cutIn, cloud } = await createScene(many('a', 1_200));
    const { users } = await discover();
    cutIn.answer = (request) =>
      offsetOf(request) === '500' ? { status, type: 'text/html', body: '<p>not now</p>' } : null;
    cloud.removeUser('a0001');
    cloud.addUser('new');
    const failed = await discover();
    expect(failed.users).toEqual(users);
    expect(failed.trouble).toContain(`answered ${status}`);
    cutIn.answer = null;
    expect((await discover()).users).toEqual([...users.filter((user) => user !== 'a0001'), 'new']);
  });

  it('stay if an answer is cut short, since a search finds each of them', async () => {
    const { discover, cutIn } = await createScene(many('a', 60));
    const { users } = await discover();
    cutIn.answer = (request) =>
      offsetOf(request) === '0' && request.query.get('search') === null ? pageOf(['a0000']) : null;
    expect(await discover()).toEqual({ users, trouble: null, warnings: [] });
  });

  it('stay for another look if many are missing from the list and from searches', async () => {
    const { discover, cutIn } = await createScene(many('a', 60));
    const { users } = await discover();
    cutIn.answer = (request) => pageOf(request.query.get('search') === null ? ['a0000'] : []);
    expect(await discover()).toMatchObject({
      users,
      warnings: [expect.stringMatching(/^59 of its 60 users are gone/)],
    });
    expect(await discover()).toEqual({ users: ['a0000'], trouble: null, warnings: [] });
  });

  it('stay if none is listed, however often', async () => {
    const { discover, cutIn } = await createScene(many('a', 3));
    const { users } = await discover();
    cutIn.answer = () => pageOf([]);
    for (let n = 0; n < 3; n++) expect((await discover()).users).toEqual(users);
  });

  it('are users while they are disabled', async () => {
    const { discover, cloud } = await createScene({ jm: {}, kim: {} });
    await discover();
    cloud.user('kim').account.isEnabled = false;
    expect(await discover()).toEqual({ users: ['jm', 'kim'], trouble: null, warnings: [] });
  });
});

describe('the members of groups of a Nextcloud', () => {
  const PEOPLE = {
    jm: { groups: ['students', 'first year'] },
    kim: { groups: ['first year'] },
    lab: { groups: ['staff'] },
    zoe: { groups: ['students'] },
  };

  it('are its users, of whichever group, and nobody else is', async () => {
    const { discover, asked } = await createScene(PEOPLE, ['students', 'first year']);
    expect(await discover()).toEqual({ users: ['jm', 'kim', 'zoe'], trouble: null, warnings: [] });
    expect(asked()).toHaveLength(2);
  });

  it('come and go with their groups, at the price of one more look at these', async () => {
    const { discover, cloud, asked } = await createScene(PEOPLE, ['students']);
    expect((await discover()).users).toEqual(['jm', 'zoe']);
    cloud.user('jm').account.groups.clear();
    cloud.user('lab').account.groups.add('students');
    cloud.forgetRequests();
    expect((await discover()).users).toEqual(['lab', 'zoe']);
    expect(asked()).toHaveLength(2);
  });

  it('stay if one of the groups can’t be had, which is told with its name', async () => {
    const { discover, cloud } = await createScene(PEOPLE, ['students', 'staff']);
    expect((await discover()).users).toEqual(['jm', 'lab', 'zoe']);
    cloud.user('lab').account.groups.clear();
    const { users, trouble } = await discover();
    expect([users, trouble]).toEqual([
      ['jm', 'lab', 'zoe'],
      expect.stringMatching(/^the members of the group "staff" at .*998: The requested group could not be found/),
    ]);
  });
});
