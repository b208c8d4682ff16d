import { type DaemonSummary, summarise } from '../../domain/diagnosis/status-line.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { SyncLog } from '../../domain/ports/sync-log.js';

/** Upper bound of concurrent syncs: `crawl.spacesAtOnce` here, and a few started by hand. */
const MAX_RUNNING = 100;

/** Describes in one line what a daemon holds and does; `index` is undefined before it is open. */
export async function statusOf(
  index: { readonly catalogue: Pick<ImageCatalogue, 'listSpaces'>; readonly syncs: Pick<SyncLog, 'list'> } | undefined,
  daemon: Omit<DaemonSummary, 'spaces' | 'runningSyncs'>,
): Promise<string> {
  const spaces = (await index?.catalogue.listSpaces())?.spaces ?? [];
  const running = (await index?.syncs.list({ statuses: ['IN_PROGRESS'], limit: MAX_RUNNING })) ?? [];
  return summarise({ ...daemon, spaces, runningSyncs: running.length });
}
