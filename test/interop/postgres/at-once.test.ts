import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LOG_INS, MAX_OWN_TOKENS } from '../../../src/domain/ports/token-store.js';
import { WEBHOOK_EVENTS } from '../../../src/domain/webhooks/webhook.js';
import { begin, commit, configure, LEASE_MS, listing, spaceOf, syncOnce } from '../../contract/index-under-test.js';
import { type ServerIndexes, startIndexes } from '../../postgres/server-index.js';
import { describeInstalled } from '../../support/process/installed.js';
import { PROCESSED } from '../../support/processed.js';
import { postgresMissing } from '../../support/servers/postgres.js';

const HOOK = { name: 'deployer', users: null, events: WEBHOOK_EVENTS, target: 'a' };
/** Of a commit, or of whatever else has a space's row locked; only whole seconds of it count. */
const LONG_S = 2.5;
const STANDING = { counts: PROCESSED.counts, waiting: 0 };
const TOKEN = { user: 'jm', scopes: [], createdAt: 10, expiresAt: null };

describeInstalled('hosts that write at once', [postgresMissing], () => {
  let indexes: ServerIndexes;
  let index: Awaited<ReturnType<ServerIndexes['make']>>;
  let hashes = 0;
  const newHash = () => `${++hashes}`.padStart(64, '0');
  /** Does the same many times at once, over several connections. */
  const atOnce = <T>(times: number, work: (n: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(Array.from({ length: times }, (_, n) => work(n)));

  beforeAll(async () => {
    indexes = await startIndexes();
  });
  afterAll(() => indexes.stop());
  beforeEach(async () => {
    index = await indexes.make();
  });
  afterEach(() => index.close());

  it('begin a message once', async () => {
    const { webhooks } = index;
    await webhooks.follow([HOOK]);
    // The place itself is new, too.
    await configure(index, 'jm');
    await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
    const { id } = await spaceOf(index, 'jm');
    const first = await atOnce(12, (n) => webhooks.next(HOOK, id, 0, `a${n}`));
    const ids = new Set(first.map((task) => (task.kind === 'send' ? task.pending.id : task.kind)));
    expect(ids.size).toBe(1);
    const [messageId = ''] = ids;
    expect(new Set(first.map((task) => (task.kind === 'send' ? task.number : null)))).toEqual(new Set([1]));
    await atOnce(12, () => webhooks.taken(HOOK.name, id, messageId));
    expect(await atOnce(12, (n) => webhooks.next(HOOK, id, 0, `b${n}`))).toEqual(Array(12).fill({ kind: 'idle' }));
    // Now the place is known.
    await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova']));
    const second = await atOnce(12, (n) => webhooks.next(HOOK, id, 0, `c${n}`));
    expect(new Set(second.map((task) => (task.kind === 'send' ? task.pending.id : task.kind))).size).toBe(1);
    expect(second.map((task) => (task.kind === 'send' ? task.number : null))).toEqual(Array(12).fill(2));
  });

  it('tell each image once while the space is written', async () => {
    const { webhooks } = index;
    await configure(index, 'jm');
    await webhooks.follow([HOOK]);
    const { id } = await spaceOf(index, 'jm');
    const told: string[] = [];
    let isWritten = false;
    const tell = async (host: number) => {
      for (let n = 0; ; n++) {
        const isLast = isWritten;
        const task = await webhooks.next(HOOK, id, 0, `${host}-${n}`);
        if (task.kind === 'idle' && isLast) return;
        if (task.kind !== 'send') continue;
        // Whoever began it is the one who tells.
        if (task.pending.id !== `${host}-${n}`) continue;
        told.push(...task.rows.map(({ image }) => `${task.type} ${image.path}`));
        await webhooks.taken(HOOK.name, id, task.pending.id);
      }
    };
    const write = async () => {
      const names: string[] = [];
      for (let n = 0; n < 20; n++) {
        names.push(`${n}.ova`);
        await syncOnce(index, 'jm', listing('', names));
      }
      isWritten = true;
      return names;
    };
    const [names] = await Promise.all([write(), tell(1), tell(2)]);
    expect(told).toEqual(names.map((name) => `image.created ${name}`));
  });

  describe('leave a space to whoever crawls it', () => {
    /** Whether another host takes a space over whose lease has lapsed, unless it was renewed by then. */
    const isTakenOver = async (syncId: number) => {
      index.clock.now += LEASE_MS + 1;
      return (await index.syncs.claim({ owner: 'other', leaseMs: LEASE_MS, syncId })) !== null;
    };
    const untilWaiting = (event: string) =>
      expect
        .poll(async () => {
          const sql = 'SELECT FROM pg_stat_activity WHERE wait_event = $1 AND datname = current_database()';
          return (await index.db.rows(sql, [event])).length;
        })
        .toBe(1);

    it('while a commit goes on, and as long afterwards as before', async () => {
      const { db } = index;
      await db.run(
        `CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_sleep(${LONG_S}); RETURN NULL; END $$;
         CREATE TRIGGER take_long AFTER INSERT ON images EXECUTE FUNCTION take_long()`,
      );
      try {
        await configure(index, 'jm');
        const { lease } = await begin(index, 'jm');
        const committed = commit(index, lease, listing('', ['a.ova']));
        await untilWaiting('PgSleep');
        expect(await isTakenOver(lease.syncId)).toBe(false);
        expect(await committed).toMatchObject({ added: 1 });
        expect(await index.syncs.progress(lease, STANDING, LEASE_MS)).toBe(true);
        expect(await isTakenOver(lease.syncId)).toBe(true);
      } finally {
        await db.run('DROP FUNCTION take_long CASCADE');
      }
    });

    it('who renews the lease, but has to wait for that', async () => {
      const { db } = index;
      await configure(index, 'jm');
      const { lease } = await begin(index, 'jm');
      const locked = db.write(async (session) => {
        await session.run('SELECT FROM spaces FOR UPDATE');
        await session.run(`SELECT pg_sleep(${LONG_S})`);
      });
      await untilWaiting('PgSleep');
      const renewed = index.syncs.progress(lease, STANDING, LEASE_MS);
      await untilWaiting('transactionid');
      expect(await isTakenOver(lease.syncId)).toBe(false);
      expect(await renewed).toBe(true);
      await locked;
    });
  });

  it('take in webhooks once', async () => {
    await configure(index, 'jm', 'lab');
    await syncOnce(index, 'jm', listing('', ['a.ova']));
    await atOnce(8, () => index.webhooks.follow([HOOK]));
    expect(await index.webhooks.overview([HOOK])).toEqual([{ name: HOOK.name, spaces: 2, behind: [] }]);
  });

  it('each hear of the link in whose place theirs is', async () => {
    const { links } = index;
    const linkOf = (n: number) => ({
      ...{ user: 'jm', server: 'https://cloud.example.org/', loginName: `jm${n}`, keyId: 'k', via: 'browser' as const },
      ...{ sealed: Buffer.from(`${n}`), linkedAt: 10 },
    });
    const replaced = await atOnce(12, (n) => links.put(linkOf(n)));
    const all = [...replaced, await links.find('jm')].map((link) => link?.loginName ?? null);
    // Each was replaced once but for the last; the first has replaced none.
    expect(new Set(all).size).toBe(13);
    expect(all.filter((name) => name === null)).toHaveLength(1);
    const removed = await atOnce(5, () => links.remove('jm'));
    expect(removed.filter((link) => link !== null)).toHaveLength(1);
  });

  it('give no user more tokens than a user may have', async () => {
    const { tokens } = index;
    for (let n = 0; n < MAX_OWN_TOKENS - 3; n++) await tokens.createOwn({ ...TOKEN, hash: newHash() });
    const created = await atOnce(12, () => tokens.createOwn({ ...TOKEN, hash: newHash() }));
    expect(created.filter((token) => token !== null)).toHaveLength(3);
  });

  it('keep no more log-ins than a user may have', async () => {
    const { tokens } = index;
    await configure(index, 'jm');
    const logInSpace = (await spaceOf(index, 'jm')).id;
    const logIn = { ...TOKEN, expiresAt: 10_000, logInSpace };
    await tokens.createAll(Array.from({ length: MAX_LOG_INS - 2 }, () => ({ ...logIn, hash: newHash() })));
    await atOnce(12, () => tokens.recordLogIn({ ...logIn, createdAt: 20, hash: newHash() }));
    expect(await tokens.list({ logIns: true })).toHaveLength(MAX_LOG_INS);
  });

  it('note uses of the same tokens in any order', async () => {
    const { tokens } = index;
    const made = await tokens.createAll(Array.from({ length: 200 }, () => ({ ...TOKEN, hash: newHash() })));
    await atOnce(40, (n) => {
      const uses = made.map(({ id }) => ({ id, at: 1_000 + n }));
      return tokens.noteUses(n % 2 === 0 ? uses : uses.reverse());
    });
    expect(new Set((await tokens.list()).map(({ usedAt }) => usedAt))).toEqual(new Set([1_039]));
  });
});
