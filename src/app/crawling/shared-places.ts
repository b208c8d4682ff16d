import type { ListenToOthers } from '../../crawl/spaces/other-crawlers.js';
import type { SharedPlaces, SharedPlacesDeps } from '../../webdav/gate/shared-places.js';
import { sleepInRealTime } from '../../webdav/transport/sleep.js';
import type { Index } from '../engines/index-ports.js';

/** Returns the places at storages that this process shares with others; undefined if it has all of them. */
export async function sharePlaces(
  { places: port }: Pick<Index, 'places'>,
  { kind, owner }: Pick<SharedPlacesDeps, 'kind' | 'owner'>,
): Promise<SharedPlaces | undefined> {
  if (port === null) return undefined;
  const { createSharedPlaces } = await import('../../webdav/gate/shared-places.js');
  const steadyClock = () => performance.now();
  return createSharedPlaces({ port, kind, owner, steadyClock, wall: Date.now, sleep: sleepInRealTime });
}

/** Returns what shares with other crawlers which storages are down; null if there are no others. */
export async function shareOutages(
  { storageOutages: port }: Pick<Index, 'storageOutages'>,
  owner: string,
): Promise<ListenToOthers | null> {
  if (port === null) return null;
  const { listenToOthers } = await import('../../crawl/spaces/other-crawlers.js');
  return (deps) => listenToOthers({ port, owner }, deps);
}
