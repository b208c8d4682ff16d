import type { Administration } from '../../domain/ports/administration.js';
import type { createAdministration } from './administration.js';

/** What only administrators ask for: its code is loaded for the first of them. */
export function administrationOf(deps: Parameters<typeof createAdministration>[0]): Administration {
  let made: Promise<Administration> | undefined;
  const make = async () => (await import('./administration.js')).createAdministration(deps);
  const administration = () => {
    made ??= make();
    return made;
  };
  return { overview: async () => (await administration()).overview() };
}
