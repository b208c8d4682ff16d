/** What a request says of the page that sent it. */
export interface Sender {
  /** `Sec-Fetch-Site`, which browsers set and pages can't. */
  readonly site: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/**
 * Whether a form was sent by a page of this very server (Fetch Metadata, W3C): the first defence against forged
 * requests, besides the cookie's `SameSite` and the token in each form. A browser that tells neither site nor origin is
 * refused. `publicOrigin` is the origin by which a proxy is reached, if it is configured.
 */
export function isOwnForm({ site, origin, host }: Sender, publicOrigin: string | null): boolean {
  if (site !== undefined) return site === 'same-origin';
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === publicOrigin || new URL(origin).host === host;
}
