import { isSameAccess } from '../../domain/hosts/space-access.js';
import { retryAfterRestart } from '../../domain/hosts/suspension.js';
import type { SpaceSettings } from '../../domain/model/space.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';
import type { RosterEntry } from './space-roster.js';

/**
 * Lets suspended spaces go on whose credentials differ from `before`; those unknown to `before` are tried once more, if
 * no lock-out is near.
 */
export async function reviveSuspended(
  entries: Iterable<RosterEntry>,
  before: ReadonlyMap<string, SpaceSettings>,
  { registry, clock }: { readonly registry: SpaceRegistry; readonly clock: Clock },
): Promise<void> {
  for (const { space, settings } of entries) {
    if (space.trouble?.kind !== 'unauthorized') continue;
    const former = before.get(space.user);
    if (isSameAccess(former, settings)) continue;
    if (former !== undefined) await registry.resume(space.id);
    else await registry.retry(space.id, retryAfterRestart(space.trouble.at, space.nextSyncAt, clock()));
  }
}
