/** What no URI has (RFC 3986 2), and clients send all the same: `[`, `|`, a `%` that encodes nothing. */
const NOT_IN_URI = /[^!-~]|["<>\\^`{|}[\]]|%(?![\da-f]{2})/giu;

/** The addresses that an answer names. */
export interface Links {
  /** Scheme, host and maybe a path; no trailing slash. */
  readonly base: string;
  /** The request's own address, every parameter as it was given, what no URI may have percent-encoded. */
  readonly self: string;
}

/**
 * The links of a request to this absolute URL: below `publicUrl` or, without one,
 * below the host that the request itself named.
 */
export function linksOf(url: string, publicUrl: string | null): Links {
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  const fragmentStart = url.indexOf('#', pathStart);
  const target = url.slice(pathStart, fragmentStart === -1 ? undefined : fragmentStart);
  const base = publicUrl ?? url.slice(0, pathStart);
  return { base, self: base + target.replace(NOT_IN_URI, encodeURIComponent) };
}

/** Where a sync can be followed. */
export function syncUrl({ base }: Links, syncId: number): string {
  return `${base}/v2/request/image_sync/${syncId}`;
}
