import { getPath } from 'hono/utils/url';

const SLASH = 47;

/**
 * The path that a request is routed by: as it came, but for one slash at its end and all but one at its beginning, which
 * come from an endpoint that was configured with a slash of its own.
 */
export function routedPath(request: Request): string {
  const path = getPath(request);
  const last = path.length - 1;
  if (last === 0 || (path.charCodeAt(last) !== SLASH && path.charCodeAt(1) !== SLASH)) return path;
  return path.replace(/^\/+/, '/').replace(/(?<=[^/])\/$/, '');
}

/** What may be wrong with a path that leads nowhere: a proxy has left on it what `publicUrl` says it takes away. */
export function adviceOnPath(path: string, publicUrl: string | null): string {
  const prefix = publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
  if (prefix === '' || !path.startsWith(`${prefix}/`)) return '';
  return `; publicUrl says that a proxy takes "${prefix}" away before it passes a request on, and it has not`;
}
