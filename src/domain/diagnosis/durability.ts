import type { Finding } from './finding.js';

/** What a crash takes along while a setting of the database's server is off, in the words of its documentation. */
const LOST: Readonly<Record<string, string>> = {
  synchronous_commit:
    'a crash of the server loses the last commits: lists go back, and a revision is given twice, although hosts and clients were told otherwise',
  fsync: 'a crash of its machine may leave the database damaged beyond repair',
  full_page_writes: 'a crash of its machine may leave pages that are half old and half new, which nobody notices',
};

/** The settings of a server that `diagnoseDurability` knows. */
export const DURABILITY_SETTINGS: readonly string[] = Object.keys(LOST);

/** Tells which promises a server can't keep; `off`: those of its settings that are off. */
export function diagnoseDurability(subject: string, off: readonly string[]): readonly Finding[] {
  return off.flatMap((setting) => {
    const lost = LOST[setting];
    if (lost === undefined) return [];
    const message = `${setting} is off: ${lost}`;
    return [
      {
        area: 'index' as const,
        subject,
        severity: 'warning' as const,
        message,
        action: `switch ${setting} on at the server`,
      },
    ];
  });
}
