import type { Administration } from '../../domain/ports/administration.js';
import type { AdministrationDeps, createAdministration } from './administration.js';

/** What only administrators ask for: its code is loaded for the first of them. */
export function administrationOf(deps: AdministrationDeps): Administration & { end(): Promise<void> } {
  let made: Promise<ReturnType<typeof createAdministration>> | undefined;
  const make = async () => (await import('./administration.js')).createAdministration(deps);
  const administration = () => {
    made ??= make();
    return made;
  };
  return {
    overview: async () => await (await administration()).overview(),
    health: async () => await (await administration()).health(),
    auditTrail: async (atMost) => await (await administration()).auditTrail(atMost),
    backUp: async () => await (await administration()).backUp(),
    reload: async () => await (await administration()).reload(),
    async end() {
      (await made)?.end();
    },
  };
}
