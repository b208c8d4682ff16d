import { PassingTrouble } from '../../domain/model/errors.js';

/**
 * Returns what `read` does, or nothing of it while trouble of the database keeps it back that passes: what is known without
 * the database is told all the same.
 */
export async function unlessAway<T extends object>(read: () => Promise<T>): Promise<T | Record<never, never>> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PassingTrouble) return {};
    throw error;
  }
}
