import type { Administration } from '../../domain/ports/administration.js';
import { onDemand } from '../demand/on-demand.js';
import type { AdministrationDeps } from './administration.js';

/** What only administrators ask for: its code is loaded for the first of them. */
export function administrationOf(deps: AdministrationDeps): Administration & { end(): Promise<void> } {
  const { get, ifMade } = onDemand(async () => (await import('./administration.js')).createAdministration(deps));
  return {
    overview: async () => await (await get()).overview(),
    health: async () => await (await get()).health(),
    auditTrail: async (atMost) => await (await get()).auditTrail(atMost),
    backUp: async () => await (await get()).backUp(),
    reload: async () => await (await get()).reload(),
    async end() {
      (await ifMade())?.end();
    },
  };
}
