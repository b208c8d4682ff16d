import { describe, expect, it } from 'vitest';
import { askHosts, type HostedPlace, hostsOf } from '../../src/doctor/hosts.js';
import type { HostSign } from '../../src/domain/hosts/host-record.js';
import type { Credentials } from '../../src/domain/model/space.js';

interface TestPlace extends HostedPlace {
  readonly user: string;
}

const basic = (username: string): Credentials => ({ type: 'basic', username, password: 'secret' });
const place = (host: string, user: string, auth: Credentials = basic(user)): TestPlace => ({
  url: `http://${host}.test/${user}/`,
  user,
  auth,
});
const many = (host: string, count: number, auth?: Credentials) =>
  Array.from({ length: count }, (_, i) => place(host, `${host}${i}`, auth ?? basic(`${host}${i}`)));

/** Asks, each place being answered as told; answers what was asked and what was told. */
async function run(
  places: readonly TestPlace[],
  signOf: (place: TestPlace) => HostSign,
  isProven: (place: TestPlace) => boolean = () => false,
) {
  const asked: string[] = [];
  const told: string[] = [];
  let atOnce = 0;
  let most = 0;
  await askHosts<TestPlace, string>(places, {
    atOnce: 4,
    async ask(each) {
      asked.push(each.user);
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      const sign = signOf(each);
      return { sign, answer: `${each.user} ${sign}` };
    },
    isProven,
    tell: (answer) => told.push(answer),
    giveUp: ({ origin }, unasked) => told.push(`${origin} given up, ${unasked}`),
    spare: ({ origin }, unasked) => told.push(`${origin} spared, ${unasked}`),
    end: ({ origin }) => void told.push(`${origin} ended`),
    signal: new AbortController().signal,
  });
  return { asked, told, most };
}

describe('asking the places of many hosts', () => {
  it('a host that is out of order costs two requests and is told of once', async () => {
    const { asked, told } = await run([...many('dead', 5_000), ...many('well', 3)], ({ user }) =>
      user.startsWith('dead') ? 'silent' : 'answered',
    );
    expect(asked.filter((user) => user.startsWith('dead'))).toHaveLength(2);
    expect(told.filter((line) => line.includes('dead'))).toEqual([
      'http://dead.test given up, 5000',
      'http://dead.test ended',
    ]);
    expect(told.filter((line) => /^well\d answered$/.test(line))).toHaveLength(3);
  });

  it('one place that gives no answer says nothing of its host', async () => {
    const { told } = await run(many('a', 20), ({ user }) => (user === 'a0' ? 'silent' : 'answered'));
    expect(told).toContain('a0 silent');
    expect(told.filter((line) => line.endsWith('answered'))).toHaveLength(19);
  });

  it('the only place of a host tells its own trouble', async () => {
    const { told } = await run(many('a', 1), () => 'silent');
    expect(told).toEqual(['a0 silent', 'http://a.test ended']);
  });

  it('a host that falls silent meanwhile is given up, too', async () => {
    const { asked, told } = await run(many('a', 1_000), ({ user }) =>
      Number(user.slice(1)) < 100 ? 'answered' : 'silent',
    );
    expect(asked.length).toBeLessThan(110);
    expect(told.find((line) => line.includes('given up'))).toBe(`http://a.test given up, ${1_000 - asked.length}`);
  });

  it('a few refusals spare the host all others whose credentials were never good', async () => {
    const shared = basic('service');
    const { asked, told } = await run(many('a', 1_000, shared), () => 'refused');
    expect(asked.length).toBeLessThanOrEqual(6); // those that were under way
    expect(told).toContain(`http://a.test spared, ${1_000 - asked.length}`);
  });

  it('and goes on with credentials that are known to be good', async () => {
    const { asked } = await run(
      many('a', 50),
      ({ user }) => (Number(user.slice(1)) < 10 ? 'refused' : 'answered'),
      ({ user }) => Number(user.slice(1)) >= 10,
    );
    expect(asked.length).toBeGreaterThanOrEqual(43);
    expect(asked.length).toBeLessThan(50);
  });

  it('never spares a host whoever comes without credentials', async () => {
    const { asked } = await run(many('a', 50, { type: 'none' }), () => 'refused');
    expect(asked).toHaveLength(50);
  });

  it('asks no more of a host at once than it may', async () => {
    expect((await run(many('a', 100), () => 'answered')).most).toBe(4);
  });

  it('ends with an abort', async () => {
    const controller = new AbortController();
    const asking = askHosts<TestPlace, string>(many('a', 100), {
      atOnce: 4,
      async ask({ user }) {
        if (user === 'a5') controller.abort();
        return { sign: 'answered', answer: user };
      },
      isProven: () => true,
      tell: () => undefined,
      giveUp: () => undefined,
      spare: () => undefined,
      signal: controller.signal,
    });
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('places are of one host where origin and connection are the same', () => {
  const proxied = { headers: {}, tls: null, proxy: { url: 'http://proxy.test/', credentials: null } };
  const places = [
    place('a', 'jm'),
    { ...place('a', 'kim'), connection: proxied },
    place('b', 'lab'),
    { ...place('a', 'zoe'), connection: { ...proxied } },
    { ...place('a', 'dora'), url: 'https://a.test/dora/' },
  ];
  expect(hostsOf(places).map((host) => host.places.map(({ user }) => user))).toEqual([
    ['jm'],
    ['kim', 'zoe'],
    ['lab'],
    ['dora'],
  ]);
});
