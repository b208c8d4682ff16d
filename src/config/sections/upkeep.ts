import { z } from 'zod';
import { troubleOfFolder } from '../fields/data-directory.js';
import { age, cron, section, text, wholeNumber } from '../fields/fields.js';

/** Where the index lives and how it is backed up. */
export interface DataSettings {
  readonly directory: string;
  /** Copies of the index from before migrations that stay. */
  readonly keepBackups: number;
  /** Something else copies the write-ahead log away and is to say when it goes into the file. */
  readonly replicated: boolean;
}

/** What the daemon does for the index at quiet times. */
export interface MaintenanceSettings {
  /** A cron expression; null: it does nothing. */
  readonly schedule: string | null;
  /** Images that went missing longer ago are forgotten, their ids with them. */
  readonly tombstonesMs: number;
  /** Syncs that ended longer ago are forgotten. */
  readonly syncsMs: number;
  /** Users who have been out of the configuration for so long are forgotten; null: only by command. */
  readonly forgetAfterMs: number | null;
}

export function dataSection(resolvePath: (path: string) => string) {
  return section({
    // No default: an index in a place that nobody chose is one that nobody backs up.
    directory: text('the path of a folder')
      .transform(resolvePath)
      .superRefine((directory, context) => {
        const trouble = troubleOfFolder(directory);
        if (trouble !== null) context.addIssue({ code: 'custom', message: `must be the path of a folder; ${trouble}` });
      }),
    // This version's copy, that of the one before, and one for a mistake in between.
    keepBackups: wholeNumber(1, 100).default(3),
    // Checkpoints left to a program that isn't there are made by nobody.
    replicated: z.boolean({ error: 'must be true or false' }).default(false),
  });
}

export function maintenanceSection() {
  return section({
    // When the full syncs of the night have ended on most installations, and nobody is at work yet.
    schedule: cron({ orOff: true }).default('30 4 * * *'),
    // A disk comes back from repair within a month, and its images with their ids.
    tombstones: age().prefault('30d'),
    // Who asked for what is of interest for a year at most.
    syncs: age().prefault('365d'),
    // What is gone can't be brought back, so somebody decides on it.
    forgetAfter: age().nullable().default(null),
  }).superRefine(({ schedule, forgetAfter }, context) => {
    if (schedule !== 'off' || forgetAfter === null) return;
    const message = 'must be left out where maintenance.schedule is off: nobody would be forgotten';
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
