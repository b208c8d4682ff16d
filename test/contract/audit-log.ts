import { expect, it } from 'vitest';
import type { AuditEntry } from '../../src/domain/model/audit.js';
import type { AuditLog } from '../../src/domain/ports/audit-log.js';

const ENTRY: AuditEntry = {
  act: 'accept',
  by: 'root',
  from: '192.0.2.7',
  details: { user: 'jm', n: 1 },
  outcome: 'done',
};

/** What every audit log of several hosts does. It is made with a clock, and keeps so many entries. */
export function describeAuditLog(make: (clock: () => number, kept: number) => Promise<AuditLog>): void {
  it('gives the newest entries of all hosts, the newest first', async () => {
    let now = 1_000;
    const log = await make(() => now, 9);
    expect(await log.newest(5)).toEqual([]);
    await log.add('web1', ENTRY);
    now = 500; // an order by time would be wrong once a clock is set
    await log.add('web2', { ...ENTRY, act: 'keep', outcome: 'refused: conflict' });
    const second = { ...ENTRY, act: 'keep', outcome: 'refused: conflict', time: 500, host: 'web2' };
    expect(await log.newest(5)).toEqual([second, { ...ENTRY, time: 1_000, host: 'web1' }]);
    expect(await log.newest(1)).toEqual([second]);
  });

  it('keeps texts that a database can’t store, but for what it can’t', async () => {
    const log = await make(() => 1, 9);
    await log.add('web1', { ...ENTRY, by: 'a\0b', details: { user: '\ud800' }, outcome: 'done' });
    expect(await log.newest(1)).toMatchObject([{ by: 'a\uFFFDb', details: { user: '\uFFFD' } }]);
  });

  it('forgets the oldest once there are too many, some more or less', async () => {
    const log = await make(() => 1, 700);
    for (let n = 1; n <= 1_100; n++) await log.add('web1', { ...ENTRY, details: { n } });
    const left = await log.newest(5_000);
    expect(left.length).toBeGreaterThanOrEqual(700);
    expect(left.length).toBeLessThan(1_100);
    expect(left[0]?.details).toEqual({ n: 1_100 });
  });
}
