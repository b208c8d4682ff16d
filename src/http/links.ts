/** The addresses that an answer names. */
export interface Links {
  /** Scheme, host and maybe a path; no trailing slash. */
  readonly base: string;
  /** The request's own address, every parameter as it was given. */
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
  return { base, self: base + target };
}

/** Where a sync can be followed. */
export function syncUrl({ base }: Links, syncId: number): string {
  return `${base}/v2/request/image_sync/${syncId}`;
}
