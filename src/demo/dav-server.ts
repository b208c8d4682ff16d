import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REFUSED_NAME } from './odd-images.js';
import { optionalDependency } from './optional-dependency.js';

/** A user, its folder and its password. */
export interface DavAccount {
  readonly user: string;
  readonly password: string;
  readonly directory: string;
}

export interface DavServer {
  /** The server's URL, ending in a slash; each user's space is at `{user}/` below it. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves each account's directory at `/{user}/` on a free port of 127.0.0.1 with nephele, an independent WebDAV server,
 * to that user alone (Basic, RFC 7617), but for one image that nobody may read. `lobby` is the directory of the root, which nobody may enter. Throws
 * OvadexError `usage` if the optional packages are missing.
 */
export async function startDavServer(accounts: readonly DavAccount[], lobby: string): Promise<DavServer> {
  const nephele = await optionalDependency('nephele', () => import('nephele'));
  const fileSystem = await optionalDependency(
    '@nephele/adapter-file-system',
    () => import('@nephele/adapter-file-system'),
  );

  /** Admits only `owner`, or nobody if it is null. */
  const doorOf = (owner: string | null) => ({
    async authenticate(request: IncomingMessage, response: ServerResponse) {
      const user = identify(request.headers.authorization, accounts);
      if (user === null) {
        response.setHeader('WWW-Authenticate', 'Basic realm="ovadex demo", charset="UTF-8"');
        throw new nephele.UnauthorizedError('Enter the name and password of a user of the demo.');
      }
      if (user !== owner) throw new nephele.ForbiddenError('This is the space of another user.');
      return { username: user };
    },
    async cleanAuthentication() {},
  });
  // Each space is a mount of its own: nephele resolves paths and COPY destinations within a mount, so no spelling of
  // `..` leads from one user's folder into another's.
  const mounts = <Mounted>(root: Mounted, mount: (account: DavAccount) => Mounted): Record<string, Mounted> =>
    Object.fromEntries([['/', root], ...accounts.map((account) => [`/${account.user}/`, mount(account)])]);

  const app = nephele.createServer({
    adapter: mounts(
      new fileSystem.Adapter({ root: lobby }),
      ({ directory }) => new fileSystem.Adapter({ root: directory }),
    ),
    authenticator: mounts(doorOf(null), ({ user }) => doorOf(user)),
  });
  const server = createServer((request, response) => {
    // nephele decodes before it catches errors, and Express would print the URIError on the terminal.
    const { url = '', method } = request;
    if (!isDecodable(url)) response.writeHead(400).end();
    else if (method === 'GET' && isRefused(url)) response.writeHead(403).end();
    else app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Some storages list what they give to nobody. */
function isRefused(url: string): boolean {
  return decodeURIComponent(url.replace(/[?#].*$/, '')).endsWith(`/${REFUSED_NAME}`);
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return false;
  }
}

/** Returns the user with these Basic credentials, or null. */
function identify(authorization: string | undefined, accounts: readonly DavAccount[]): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  return accounts.find(({ user, password }) => credentials === `${user}:${password}`)?.user ?? null;
}
