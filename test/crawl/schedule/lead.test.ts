import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HostLead, keepLead, LEAD_LEASE_MS, soleLead } from '../../../src/crawl/schedule/lead.js';
import type { Lead, Leadership } from '../../../src/domain/ports/leadership.js';
import { quietLogger } from '../../support/quiet-logger.js';

describe('the lead of a host', () => {
  let lead: HostLead;
  /** What the database answers. */
  let stand: () => Promise<Lead | null>;
  let resigned: Lead[];
  let steady: number;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    resigned = [];
    steady = 0;
    stand = async () => ({ holder: 'me', term: 1 });
  });
  afterEach(async () => {
    await lead.stop();
    vi.useRealTimers();
  });

  const keep = async (isShared = true) => {
    const leadership: Leadership = {
      isShared,
      stand: () => stand(),
      resign: async (its) => void resigned.push(its),
    };
    lead = await keepLead({ leadership, holder: 'me', steadyClock: () => steady + Date.now(), logger: quietLogger });
    return lead;
  };

  it('is its own where nobody shares the index', async () => {
    stand = () => Promise.reject(new Error('not asked'));
    expect(await keep(false)).toBe(soleLead);
    expect(lead.held()).not.toBeNull();
    expect(lead.signal().aborted).toBe(false);
  });

  it('is kept as one and the same, as long as it is renewed', async () => {
    await keep();
    const held = lead.held();
    const signal = lead.signal();
    await vi.advanceTimersByTimeAsync(3 * LEAD_LEASE_MS);
    expect(held).not.toBeNull();
    expect(lead.held()).toBe(held);
    expect(signal.aborted).toBe(false);
  });

  it('is lost at once when another host has it, and what was done in it is aborted', async () => {
    await keep();
    const signal = lead.signal();
    stand = async () => null;
    await vi.advanceTimersByTimeAsync(LEAD_LEASE_MS / 2);
    expect([lead.held(), signal.aborted, lead.signal().aborted]).toEqual([null, true, true]);
    await lead.stop();
    expect(resigned).toEqual([]);
  });

  it('is lost at the end of the lease where nothing answers, and not before', async () => {
    await keep();
    stand = () => Promise.reject(new Error('the database is away'));
    await vi.advanceTimersByTimeAsync(LEAD_LEASE_MS - 1);
    expect(lead.held()).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(lead.held()).toBeNull();
  });

  it('is lost for whoever was stopped beyond the lease, before anything is asked', async () => {
    await keep();
    const signal = lead.signal();
    steady += LEAD_LEASE_MS;
    expect(lead.held()).toBeNull();
    expect(signal.aborted).toBe(true);
  });

  it('is another one once it was lost in between, and is told', async () => {
    await keep();
    const gained = vi.fn();
    lead.onGained(gained);
    const before = lead.held();
    await vi.advanceTimersByTimeAsync(LEAD_LEASE_MS);
    expect(gained).not.toHaveBeenCalled();
    stand = async () => ({ holder: 'me', term: 3 });
    await vi.advanceTimersByTimeAsync(LEAD_LEASE_MS);
    expect(gained).toHaveBeenCalledTimes(1);
    expect(lead.held()).not.toBe(before);
  });

  it('is given back by whoever stops', async () => {
    await keep();
    await lead.stop();
    expect(resigned).toEqual([{ holder: 'me', term: 1 }]);
    expect(lead.held()).toBeNull();
  });
});
