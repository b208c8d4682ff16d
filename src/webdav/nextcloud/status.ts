import type { Exchange } from '../auth/exchange.js';
import { ConnectionError } from '../transport/connection-error.js';
import { deadlineIn } from '../transport/transport.js';

/** What a Nextcloud or ownCloud says about itself to everybody. */
export interface NextcloudStatus {
  readonly isInMaintenance: boolean;
}

/** Returns the path of `status.php` of the server that a space's URL belongs to. */
export function statusPath(spaceUrl: string): string {
  const { pathname } = new URL(spaceUrl);
  const [above = '/'] = pathname.split('remote.php/', 1);
  return `${pathname.includes('/remote.php/') ? above : '/'}status.php`;
}

/**
 * Asks `status.php`, which needs no credentials and counts as no log-in; `exchange` must send none. Returns null if
 * nothing there is such a page, or nobody answers. Rejects with the reason of an aborted signal.
 */
export async function readStatus(
  spaceUrl: string,
  asking: { readonly exchange: Exchange; readonly userAgent: string; readonly totalMs: number },
  signal: AbortSignal,
): Promise<NextcloudStatus | null> {
  const request = {
    method: 'GET',
    path: statusPath(spaceUrl),
    headers: { Accept: 'application/json', 'User-Agent': asking.userAgent },
    body: '',
    deadline: deadlineIn(asking.totalMs),
    readerOf: () => null,
  };
  try {
    const answer = await asking.exchange(request, signal);
    // An unread body's first kilobyte is kept; the page has 170 bytes.
    return answer.status === 200 ? parseStatus(Buffer.from(answer.opening()).toString('utf8')) : null;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConnectionError) return null;
    throw error;
  }
}

function parseStatus(text: string): NextcloudStatus | null {
  try {
    const page: unknown = JSON.parse(text);
    const isStatus = typeof page === 'object' && page !== null && 'maintenance' in page;
    return isStatus && typeof page.maintenance === 'boolean' ? { isInMaintenance: page.maintenance } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
