import { expect, it } from 'vitest';
import type { Session } from '../../src/postgres/connection/database.js';
import { createHistoryGuard } from '../../src/postgres/connection/history-guard.js';

/** A connection to a server with this timeline; null: to one that only follows another. */
function leadingTo(timeline: string | null): Session {
  const rows = async <Row extends object>() => {
    if (timeline === null) throw Object.assign(new Error('recovery is in progress'), { code: '55000' });
    return [{ timeline }] as unknown as readonly Row[];
  };
  return { rows, row: async <Row extends object>() => (await rows<Row>())[0], run: () => Promise.resolve(0) };
}

it('a connection to another history is refused, and told once', async () => {
  let told = 0;
  const { admit, hold } = createHistoryGuard(() => {
    told += 1;
  });
  hold('1-00000001');
  await admit(leadingTo('1-00000001'));
  expect(told).toBe(0);
  for (const timeline of ['1-00000002', '2-00000001']) {
    await expect(admit(leadingTo(timeline))).rejects.toMatchObject({ code: 'index' });
  }
  expect(told).toBe(1);
});

it('a server that follows another one is refused until it is promoted, and is no other history yet', async () => {
  let told = 0;
  const { admit, hold } = createHistoryGuard(() => {
    told += 1;
  });
  hold('1-00000001');
  await expect(admit(leadingTo(null))).rejects.toThrow('recovery');
  expect(told).toBe(0);
});

it('whoever has no history yet is let in anywhere', async () => {
  const { admit } = createHistoryGuard(() => expect.unreachable());
  await admit(leadingTo('1-00000001'));
  await admit(leadingTo(null));
});
