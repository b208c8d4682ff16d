import { askPlainly } from '../plain-http.js';
import type { AppPassword, CloudAccount, CloudAccounts } from './accounts.js';
import { baseName, type CloudNode, type CloudPlace, joinPath, parentPath } from './node.js';
import { encodePath } from './properties.js';
import type { CloudStorage, NodeTraits } from './storage.js';
import { type CloudEvent, type CloudWebhooks, NODE_EVENTS, NODE_RESTORED } from './webhooks.js';

/** A user of the model: what a person does in the web pages, and what an operator does by `occ`. */
export interface CloudUser {
  readonly name: string;
  /** Where WebDAV has the files; ends in a slash. */
  readonly url: string;
  readonly account: CloudAccount;
  /** Uploads a file, with the folders that lack; a path below a mount goes into that storage. */
  put(path: string, traits?: NodeTraits): void;
  makeFolder(path: string): void;
  /** Into the trash bin. */
  delete(path: string): void;
  restore(path: string): void;
  move(from: string, to: string): void;
  /** Lays down ids, dates and ETags, which no marker above shows. */
  set(path: string, traits: NodeTraits): void;
  /** Shares a file or folder of the home; it shows in the other's home under its own name. */
  share(path: string, other: CloudUser): void;
  unshare(path: string, other: CloudUser): void;
  /** Paths of all `.ova` and `.ovf` files that the user sees, sorted. */
  images(): readonly string[];
  setPassword(password: string): void;
  /** `occ user:auth-tokens:add`: an app password without the user's doing. */
  mintAppPassword(name?: string): AppPassword;
  readonly appPasswords: readonly AppPassword[];
  revoke(appPassword: AppPassword): void;
  /** Opens the address of Login Flow v2 in a browser, logs in and grants access. Answers the last page's status. */
  grant(loginUrl: string): Promise<number>;
}

export interface UserParts {
  readonly account: CloudAccount;
  readonly accounts: CloudAccounts;
  readonly baseUrl: () => string;
  readonly webhooks: CloudWebhooks;
  /** The storage whose root it is, for mounts; shares lie in their owner's. */
  readonly storageOf: (place: CloudPlace) => { readonly storage: CloudStorage; readonly prefix: string };
}

export function createUser({ account, accounts, baseUrl, webhooks, storageOf }: UserParts): CloudUser {
  const { name, space } = account;
  const trash = new Map<string, CloudNode>();
  const nodePath = (path: string) => joinPath(`/${name}/files`, path);
  const note = (event: CloudEvent) => webhooks.note({ uid: name, displayName: account.displayName }, event);
  const noteNode = (kind: string, path: string, id?: number) =>
    note({
      node: id === undefined ? { path: nodePath(path) } : { id, path: nodePath(path) },
      class: NODE_EVENTS + kind,
    });

  /** Where a path really lies, be it there or not: in the home, or in what is mounted there. */
  const locate = (path: string) => {
    const mount = space.mounts.find(({ at }) => path === at || path.startsWith(`${at}/`)) ?? null;
    if (mount === null) return { storage: space.home, at: path };
    const { storage, prefix } = storageOf({ node: mount.root, mount, path: mount.at });
    const inner = path.slice(mount.at.length + 1);
    return { storage, at: inner === '' ? prefix : joinPath(prefix, inner) };
  };
  const makeFolder = (path: string) => {
    if (path === '' || space.find(path) !== null) return;
    makeFolder(parentPath(path));
    const { storage, at } = locate(path);
    const { id } = storage.makeFolder(at);
    noteNode('NodeCreatedEvent', path, id);
    noteNode('NodeWrittenEvent', path, id);
  };

  return {
    name,
    account,
    get url() {
      return `${baseUrl()}/remote.php/dav/files/${encodePath(name)}/`;
    },
    makeFolder,
    put(path, traits) {
      makeFolder(parentPath(path));
      const { storage, at } = locate(path);
      const { node, isNew } = storage.put(at, traits);
      if (isNew) noteNode('NodeCreatedEvent', path, node.id);
      noteNode('NodeWrittenEvent', path, node.id);
    },
    delete(path) {
      const { storage, at } = locate(path);
      trash.set(path, storage.remove(at));
      noteNode('NodeDeletedEvent', path);
    },
    restore(path) {
      const node = trash.get(path);
      if (node === undefined) throw new Error(`"${path}" isn't in the trash bin`);
      trash.delete(path);
      const { storage, at } = locate(path);
      storage.adopt(node, at);
      const source = { path: `/${name}/files_trashbin/files/${baseName(path)}.d1764204053` };
      note({ source, target: { id: node.id, path: nodePath(path) }, class: NODE_RESTORED });
    },
    move(from, to) {
      makeFolder(parentPath(to));
      const source = locate(from);
      const target = locate(to);
      const node = source.storage.remove(source.at);
      target.storage.adopt(node, target.at);
      note({
        source: { path: nodePath(from) },
        target: { id: node.id, path: nodePath(to) },
        class: `${NODE_EVENTS}NodeRenamedEvent`,
      });
    },
    set(path, traits) {
      const place = space.find(path);
      if (place === null) throw new Error(`"${path}" isn't there`);
      space.home.set(place.node, traits);
    },
    share(path, other) {
      const node = space.home.find(path);
      if (node === null) throw new Error(`"${path}" isn't there`);
      other.account.space.mounts.push({ type: 'shared', root: node, at: node.name });
    },
    unshare(path, other) {
      const { mounts } = other.account.space;
      const node = space.home.find(path);
      mounts.splice(
        mounts.findIndex(({ root }) => root === node),
        1,
      );
    },
    images: () =>
      space
        .everything('')
        .filter(({ node, path }) => node.children === null && /\.ov[af]$/i.test(path))
        .map(({ path }) => path)
        .sort(),
    setPassword: (password) => accounts.setPassword(name, password),
    mintAppPassword: (program = 'occ') => accounts.mint(name, program),
    get appPasswords() {
      return [...accounts.appPasswords.values()].filter(({ user }) => user === name);
    },
    revoke: ({ secret }) => accounts.revoke(secret),
    async grant(loginUrl) {
      const headers = { 'User-Agent': 'Mozilla/5.0' };
      const landing = await askPlainly(loginUrl, { headers });
      const cookies = (landing.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? '');
      // Of one name the last counts.
      const Cookie = [...new Map(cookies.map((pair) => [pair.split('=', 1)[0], pair])).values()].join('; ');
      if (landing.status !== 303) return landing.status;
      const page = await askPlainly(`${baseUrl()}${landing.headers.location}`, { headers: { ...headers, Cookie } });
      const [, stateToken = ''] = /name="stateToken" value="(\w+)"/.exec(page.body.toString()) ?? [];
      const body = new URLSearchParams({ stateToken, user: name, password: account.password }).toString();
      const form = { ...headers, Cookie, 'Content-Type': 'application/x-www-form-urlencoded' };
      return (await askPlainly(`${baseUrl()}/index.php/login/v2/grant`, { method: 'POST', headers: form, body }))
        .status;
    },
  };
}
