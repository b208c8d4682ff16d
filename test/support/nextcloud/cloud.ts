import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccounts } from './accounts.js';
import { type CloudAnswer, sendAnswer } from './answer.js';
import { addUp, type CloudCosts, type CloudRequestRecord, cpuMsOf } from './costs.js';
import { createExternal, type ExternalMount, type ExternalStorage } from './external.js';
import type { Admission } from './login.js';
import { createLoginFlows } from './login-flow.js';
import type { CloudNode, CloudPlace } from './node.js';
import { basicOf, type CloudRequest, readRequest } from './request.js';
import { respond } from './respond.js';
import type { SearchFaults } from './search.js';
import { createSessions } from './sessions.js';
import { createSpace } from './space.js';
import { type CloudStorage, createMint, createStorage } from './storage.js';
import { type CloudThrottle, createThrottle } from './throttle.js';
import { type CloudUser, createUser } from './user.js';
import { type CloudWebhooks, createWebhooks } from './webhooks.js';

export interface UserOptions {
  readonly password?: string;
  readonly displayName?: string;
  readonly isAdmin?: boolean;
  /** Such as LDAP's; that of the database if not given. */
  readonly backend?: string;
  readonly groups?: readonly string[];
}

export interface NextcloudOptions {
  /** By name, made in this order. */
  readonly users?: Readonly<Record<string, UserOptions>>;
  readonly now?: () => number;
  /** `/nextcloud` where it isn't installed at the root. */
  readonly webroot?: string;
  /** Peers whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  readonly instanceId?: string;
  /** What answers in its stead; null lets a request pass. May wait. */
  readonly interpose?: (request: CloudRequest) => Promise<CloudAnswer | null> | CloudAnswer | null;
}

/** A model of Nextcloud 32 on a free port of the loopback. */
export interface Nextcloud {
  /** Without a slash at its end. */
  readonly url: string;
  readonly throttle: CloudThrottle;
  readonly webhooks: CloudWebhooks;
  user(name: string): CloudUser;
  addUser(name: string, options?: UserOptions): CloudUser;
  removeUser(name: string): void;
  /** A mail address, or another spelling, with which a user may log in, too; app passwords open nothing under it. */
  addName(user: string, name: string): void;
  /** A folder of its own storage that shows to all of them under this name. */
  addTeamFolder(name: string, users: readonly string[]): void;
  /** An external storage in one user's home. */
  addExternal(user: string, at: string): ExternalStorage;
  /** A mount no longer shows: its user has left the team, or the folder behind a local one is gone with its disk. */
  loseMount(user: string, at: string): void;
  setMaintenance(isOn: boolean): void;
  /** `occ maintenance:data-fingerprint`, as after restoring a backup. */
  setFingerprint(fingerprint: string): void;
  setSearch(faults: SearchFaults): void;
  endAllSessions(): void;
  /** All but those of browsers, since the start or the last call of `forgetRequests`. */
  readonly requests: readonly CloudRequestRecord[];
  readonly costs: CloudCosts;
  readonly peakInFlight: number;
  forgetRequests(): void;
  close(): Promise<void>;
}

export async function createNextcloud(options: NextcloudOptions = {}): Promise<Nextcloud> {
  const { now = Date.now, webroot = '', trustedProxies = [], instanceId = 'oc2ntmsbw9bn', interpose } = options;
  const mint = createMint(now);
  const accounts = createAccounts();
  const sessions = createSessions(instanceId);
  const throttle = createThrottle(now);
  const webhooks = createWebhooks(now);
  const flows = createLoginFlows(accounts, now);
  const users = new Map<string, CloudUser>();
  const storages = new Map<CloudNode, CloudStorage>();
  const externals: ExternalMount[] = [];
  const frozen = new Map<string, readonly CloudPlace[]>();
  let records: CloudRequestRecord[] = [];
  let isInMaintenance = false;
  let fingerprint = '';
  let searchFaults: SearchFaults = {};
  let inFlight = 0;
  let peakInFlight = 0;
  let origin = '';

  const parts = {
    accounts,
    sessions,
    throttle,
    now,
    instanceId,
    flows,
    isInMaintenance: () => isInMaintenance,
    baseUrl: () => `${origin}${webroot}`,
    davScene: (request: CloudRequest, admission: Admission) => ({
      request,
      admission,
      fingerprint,
      searchFaults,
      frozen: admission.is === 'in' ? (frozen.get(admission.account.name) ?? null) : null,
      lookAt: (place: CloudPlace) => externals.find(({ mount }) => mount === place.mount)?.lookAt(place),
    }),
  };
  const keep = (request: CloudRequest, admission: Admission | null, status: number) => {
    const userAgent = request.header('user-agent');
    if (userAgent.startsWith('Mozilla/')) return;
    const logIn = admission?.kind ?? 'none';
    records.push({
      method: request.method,
      path: decodeURIComponent(request.path),
      depth: request.header('depth'),
      user: admission?.is === 'in' ? admission.account.name : null,
      triedUser: basicOf(request)?.user ?? null,
      logIn,
      status,
      address: request.address,
      userAgent,
      at: now(),
      cpuMs: cpuMsOf(logIn, request.method),
    });
  };

  const server = createServer((message, response) => {
    peakInFlight = Math.max(peakInFlight, ++inFlight);
    response.on('close', () => inFlight--);
    const answer = async () => {
      const request = await readRequest(message, webroot, trustedProxies);
      const instead = (await interpose?.(request)) ?? null;
      if (instead !== null) {
        keep(request, null, instead.status);
        sendAnswer(response, instead, []);
        return;
      }
      const { front, answer: own, admission } = respond(parts, request);
      keep(request, admission, own.status);
      sendAnswer(response, own, front);
    };
    answer().catch(() => message.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const storageOf = ({ node }: CloudPlace) => {
    const names: string[] = [];
    let top = node;
    for (; top.parent !== null; top = top.parent) names.unshift(top.name);
    const storage = storages.get(top);
    if (storage === undefined) throw new Error('an external storage is written to by its own `put`');
    return { storage, prefix: names.join('/') };
  };
  const newStorage = () => {
    const storage = createStorage(mint);
    storages.set(storage.root, storage);
    return storage;
  };
  const addUser = (name: string, { password, displayName, isAdmin, backend, groups }: UserOptions = {}) => {
    const account = {
      name,
      password: password ?? `the own secret of ${name}`,
      displayName: displayName ?? name,
      isAdmin: isAdmin ?? false,
      backend: backend ?? 'Database',
      groups: new Set(groups ?? []),
      isEnabled: true,
      needsSecondFactor: false,
      space: createSpace(newStorage()),
    };
    accounts.add(account);
    const user = createUser({ account, accounts, baseUrl: parts.baseUrl, webhooks, storageOf });
    users.set(name, user);
    return user;
  };
  const user = (name: string) => {
    const found = users.get(name);
    if (found === undefined) throw new Error(`no user "${name}"`);
    return found;
  };
  for (const [name, traits] of Object.entries(options.users ?? {})) addUser(name, traits);

  return {
    throttle,
    webhooks,
    user,
    addUser,
    get url() {
      return parts.baseUrl();
    },
    addName: (name, other) => accounts.addName(name, other),
    removeUser(name) {
      accounts.remove(name);
      users.delete(name);
    },
    addTeamFolder(name, members) {
      const { root } = newStorage();
      for (const member of members) user(member).account.space.mounts.push({ type: 'group', root, at: name });
    },
    addExternal(name, at) {
      const external = createExternal(mint, at);
      externals.push(external);
      user(name).account.space.mounts.push(external.mount);
      return external;
    },
    loseMount(name, at) {
      const { mounts } = user(name).account.space;
      mounts.splice(
        mounts.findIndex((mount) => mount.at === at),
        1,
      );
    },
    setMaintenance(isOn) {
      isInMaintenance = isOn;
    },
    setFingerprint(next) {
      fingerprint = next;
    },
    setSearch(faults) {
      searchFaults = faults;
      frozen.clear();
      if (faults.isStale !== true) return;
      for (const { name, account } of users.values()) {
        const places = account.space.everything('').map((place) => ({ ...place, node: { ...place.node } }));
        frozen.set(name, places);
      }
    },
    endAllSessions: () => sessions.endAll(),
    get requests() {
      return records;
    },
    get costs() {
      return addUp(records, sessions.made);
    },
    get peakInFlight() {
      return peakInFlight;
    },
    forgetRequests() {
      records = [];
      peakInFlight = inFlight;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
