import { readFileSync } from 'node:fs';

/** How many files and connections this process may have open at once; null on systems that don't tell (all but Linux). */
export function descriptorLimit(): number | null {
  try {
    const [, soft] = /^Max open files +(\d+) /m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
