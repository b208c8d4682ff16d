import { expect, it } from 'vitest';
import { ALIKE_SECTIONS, type HostPresence } from '../../src/domain/diagnosis/host-differences.js';
import { holderOf } from '../../src/domain/policy/leadership.js';
import type { HostRegister } from '../../src/domain/ports/host-register.js';

const PRINTS = Object.fromEntries(ALIKE_SECTIONS.map((section) => [section, `of ${section}`]));
const host = (name: string, more: Partial<HostPresence> = {}): HostPresence => ({
  ...{ name, roles: ['api', 'crawler'], version: '1.2.3', startedAt: 1_700_000_000_000 },
  fingerprints: PRINTS as HostPresence['fingerprints'],
  ...more,
});

/**
 * What every register of hosts does. `makeSilent` has it seem that one was heard of so long ago, `migrate` that the schema has another
 * step, `stand` that a process leads for so long; `known` is how many steps the program knows.
 */
export function describeHostRegister(
  make: () => Promise<HostRegister>,
  makeSilent: (name: string, ms: number) => Promise<unknown>,
  migrate: (number: number) => Promise<unknown>,
  known: number,
  stand: (holder: string, leaseMs: number) => Promise<unknown>,
): void {
  it('keeps what each host has told last, by its name', async () => {
    const register = await make();
    expect(await register.list()).toEqual([]);
    await register.note(host('b'));
    await register.note(host('a', { roles: ['api'] }));
    await register.note(host('b', { version: '1.2.4' }));
    const listed = await register.list();
    expect(listed).toMatchObject([host('a', { roles: ['api'] }), host('b', { version: '1.2.4' })]);
    for (const { silentMs } of listed) expect(silentMs).toBeGreaterThanOrEqual(0);
  });

  it('forgets one that leaves, and one that was silent for a day once another tells of itself', async () => {
    const register = await make();
    for (const name of ['a', 'b', 'c', 'd']) await register.note(host(name));
    await register.leave('a');
    await makeSilent('b', 86_400_000 + 1_000);
    await makeSilent('c', 86_400_000 - 60_000);
    await register.note(host('d'));
    expect((await register.list()).map(({ name }) => name)).toEqual(['c', 'd']);
    const [silent] = await register.list();
    expect(silent?.silentMs).toBeGreaterThanOrEqual(86_400_000 - 60_000);
    await register.note(host('c'));
    expect((await register.list())[0]?.silentMs).toBeLessThan(86_400_000 - 60_000);
  });

  it('knows which of them leads, as long as it does', async () => {
    const register = await make();
    const leading = async () => (await register.list()).filter(({ leads }) => leads).map(({ name }) => name);
    for (const name of ['a', 'b', 'b c']) await register.note(host(name));
    expect(await leading()).toEqual([]);
    await stand(holderOf('1f', 'b c'), 60_000);
    expect(await leading()).toEqual(['b c']);
    await stand(holderOf('1f', 'b c'), -1);
    expect(await leading()).toEqual([]);
  });

  it('refuses a program that a newer one has left behind, and keeps what it has told before', async () => {
    const register = await make();
    await register.note(host('a'));
    await migrate(known + 1);
    const refused = { code: 'foreign', message: expect.stringMatching(/written by a newer ovadex \(schema \d+, /) };
    for (const name of ['a', 'b']) {
      await expect(register.note(host(name, { version: '2' }))).rejects.toMatchObject(refused);
    }
    expect(await register.list()).toMatchObject([host('a')]);
  });
}
