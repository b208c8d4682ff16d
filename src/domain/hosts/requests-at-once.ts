/** What the configuration says about requests in flight to one storage host: their number, or `auto` for what it is. */
export type RequestsPerHostSetting = number | 'auto';

/** Two whole spaces' worth: common worker pools of web servers start with about 25. */
const USUAL = 16;
/** php-fpm starts with five workers, each of which a request occupies wholly; one is left to the people themselves. */
const OF_A_NEXTCLOUD = 4;

/**
 * Returns how many requests of one kind are sent to a host at a time. On Nextcloud a quarter is kept for log-ins, since
 * a crawl that takes all of its workers lets nobody in.
 */
export function requestsAtOnce(
  setting: RequestsPerHostSetting,
  kind: 'crawl' | 'log-in',
  isNextcloudLike: boolean,
): number {
  const all = setting === 'auto' ? (isNextcloudLike ? OF_A_NEXTCLOUD : USUAL) : setting;
  if (!isNextcloudLike) return all;
  const forLogIns = Math.max(1, Math.floor(all / 4));
  return kind === 'log-in' ? forLogIns : Math.max(1, all - forLogIns);
}

/** Whether a space's URL is one of Nextcloud's or ownCloud's own; behind a proxy it may look like any other. */
export function isNextcloudUrl(url: string): boolean {
  return new URL(url).pathname.includes('/remote.php/');
}

/** Whether a space's URL lies in the home of one account there, whose collections have markers for that account alone. */
export function isNextcloudHome(url: string): boolean {
  return new URL(url).pathname.includes('/remote.php/dav/files/');
}

/** Whether a space's URL leads each account there to a home of its own, so that it doesn't tell whose space it is. */
export function isHomeOfCaller(url: string): boolean {
  return new URL(url).pathname.includes('/remote.php/webdav/');
}
