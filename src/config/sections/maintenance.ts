import type { z } from 'zod';
import { age, cron, section } from '../fields/fields.js';

/** Maintenance of the index at quiet times. */
export interface MaintenanceSettings {
  /** A cron expression; null for no maintenance. */
  readonly schedule: string | null;
  /** Images that have been missing for longer are deleted, with their ids. */
  readonly tombstonesMs: number;
  /** Syncs that ended longer ago are deleted. */
  readonly syncsMs: number;
  /** Users who have not been configured for this long are deleted; null: only by command. */
  readonly forgetAfterMs: number | null;
}

export function maintenanceSection() {
  return section({
    // After the nightly full syncs of most installations, and before anybody is at work.
    schedule: cron({ orOff: true }).default('30 4 * * *'),
    // Within a month a disk is back from repair, and its images keep their ids.
    tombstones: age().prefault('30d'),
    // Nobody asks who requested what more than a year ago.
    syncs: age().prefault('365d'),
    // Deletion can't be undone, so it is somebody's decision.
    forgetAfter: age().nullable().default(null),
  }).superRefine(({ schedule, forgetAfter }, context) => {
    if (schedule !== 'off' || forgetAfter === null) return;
    const message = 'must be omitted if maintenance.schedule is off: nobody would be deleted';
    context.addIssue({ code: 'custom', path: ['forgetAfter'], message });
  });
}

export function maintenanceOf(section: z.output<ReturnType<typeof maintenanceSection>>): MaintenanceSettings {
  const { schedule, tombstones, syncs, forgetAfter } = section;
  return {
    schedule: schedule === 'off' ? null : schedule,
    tombstonesMs: tombstones,
    syncsMs: syncs,
    forgetAfterMs: forgetAfter,
  };
}
