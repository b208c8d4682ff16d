import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkConfig, loadConfig } from '../../src/config/load.js';
import { sizeOf } from '../support/thorough.js';
import { configFolder, problemsIn } from './config-folder.js';

const DATA = 'data: { directory: index }\n';

async function load(yaml: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await configFolder({ ...files, 'ovadex.yaml': DATA + yaml });
  return { folder, ...(await checkConfig(join(folder, 'ovadex.yaml'))) };
}

describe('a valid configuration', () => {
  test('has its defaults filled in', async () => {
    const { config, folder } = await load('');
    expect(config).toEqual({
      server: {
        listen: { kind: 'tcp', host: '127.0.0.1', port: 8080 },
        metricsListen: null,
        publicUrl: null,
        trustedProxies: [],
        keepAliveMs: 65_000,
        console: true,
      },
      api: { catalogue: 'personal', corsOrigins: [], rateLimit: null, waitsPerUser: 20, serveStaleMs: 600_000 },
      auth: { issuers: [], failedLogIns: 'auto', forwardClientAddress: [], keepAppPasswords: false },
      link: { origins: [], keyFile: null },
      data: { directory: join(folder, 'index'), keepBackups: 3, replicated: false },
      roles: ['api', 'crawler'],
      spaces: [],
      publicUsers: [],
      discoveries: [],
      userFolders: [],
      crawl: {
        schedule: '*/15 * * * *',
        fullSchedule: '0 3 * * *',
        poll: '* * * * *',
        budget: 'auto',
        timeZone: null,
        spacesAtOnce: 4,
        requestsPerSpace: 8,
        requestsPerHost: 'auto',
        maxDepth: 64,
        search: 'auto',
        exclude: [],
        excludeDefaults: true,
        timeouts: { connectMs: 10_000, firstByteMs: 60_000, silenceMs: 30_000, totalMs: 600_000 },
      },
      describe: { enabled: true, bytesPerSecond: 1_048_576, requestsAtOnce: 1 },
      webhooks: [],
      maintenance: {
        schedule: '30 4 * * *',
        tombstonesMs: 30 * 86_400_000,
        syncsMs: 365 * 86_400_000,
        forgetAfterMs: null,
      },
      log: { level: 'info', format: 'auto' },
    });
  });

  test('marks spaces that everybody sees', async () => {
    const { config } = await load(`
api: { catalogue: public }
storage: { url: "http://127.0.0.1:8081/{user}/" }
spaces:
  - { user: templates, public: true }
  - { user: jm, public: false }
  - { user: kim }
`);
    expect([config.api.catalogue, config.publicUsers]).toEqual(['public', ['templates']]);
  });

  test('takes origins as browsers write them', async () => {
    const { config } = await load(
      'api: { corsOrigins: ["HTTPS://Portal.example.org:443/", "http://localhost:5173", "*"] }',
    );
    expect(config.api.corsOrigins).toEqual(['https://portal.example.org', 'http://localhost:5173', '*']);
  });

  test('limits the requests of a token', async () => {
    const { config } = await load('api: { rateLimit: { requests: 600, window: 1m } }');
    expect(config.api.rateLimit).toEqual({ requests: 600, windowMs: 60_000 });
  });

  test('names storages that users may connect', async () => {
    const { config, folder } = await load(`
link:
  keyFile: keys/link.key
  origins:
    - url: https://cloud.example.org/remote.php/dav/files/{user}
    - url: http://127.0.0.1:1/nc/remote.php/dav/files/{user}/
      loginName: "{user}@example.org"
      headers: { X-Way: in }
`);
    expect(config.link).toEqual({
      keyFile: join(folder, 'keys/link.key'),
      origins: [
        { url: 'https://cloud.example.org/remote.php/dav/files/{user}/', loginName: '{user}' },
        {
          url: 'http://127.0.0.1:1/nc/remote.php/dav/files/{user}/',
          loginName: '{user}@example.org',
          connection: { headers: { 'X-Way': 'in' }, tls: null, proxy: null },
        },
      ],
    });
  });

  test('names issuers of tokens', async () => {
    const { config } = await load(`
auth:
  issuers:
    - { issuer: "https://login.example.org/", audience: ovadex }
    - issuer: http://127.0.0.1:8082/realm
      audience: a
      jwksUrl: http://[::1]:8082/keys?x=1
      algorithms: [ES256, EdDSA]
      userClaim: name
      adminClaim: groups
      adminValue: boss
      leeway: 0s
      signIn: { clientId: c, clientSecret: s3cret-3, scopes: [openid, groups] }
`);
    expect(config.auth.issuers).toEqual([
      {
        issuer: 'https://login.example.org/',
        audience: 'ovadex',
        jwksUrl: null,
        algorithms: ['RS256'],
        userClaim: 'sub',
        admin: null,
        leewayMs: 30_000,
        signIn: null,
      },
      {
        issuer: 'http://127.0.0.1:8082/realm',
        audience: 'a',
        jwksUrl: 'http://[::1]:8082/keys?x=1',
        algorithms: ['ES256', 'EdDSA'],
        userClaim: 'name',
        admin: { claim: 'groups', value: 'boss' },
        leewayMs: 0,
        signIn: { clientId: 'c', clientSecret: 's3cret-3', scopes: ['openid', 'groups'], label: '127.0.0.1:8082' },
      },
    ]);
  });

  test('names proxies by address, by network, and by their socket', async () => {
    const { config } = await load(
      'server: { trustedProxies: ["192.0.2.10", "10.0.0.0/8", "2001:db8::/32", "::1", unix] }',
    );
    expect(config.server.trustedProxies).toEqual(['192.0.2.10', '10.0.0.0/8', '2001:db8::/32', '::1', 'unix']);
  });

  test('may leave sections empty', async () => {
    const { config } = await load('server:\nstorage:\nspaces:\ncrawl:\n  timeouts:\n  exclude:\nlog:\n');
    expect(config.crawl.timeouts.connectMs).toBe(10_000);
    expect(config.spaces).toEqual([]);
  });

  test('gives every space what the storage says, unless it says otherwise', async () => {
    const { config, folder } = await load(
      `
storage:
  url: https://dav.example.org/home/{user}
  auth: { type: basic, username: svc, passwordFile: dav.password }
spaces:
  - user: jm
  - user: "a b+%#?ü"
  - user: lab
    url: http://127.0.0.1:8081/{user}/space
    auth: { type: digest, username: "lab:1", password: "" }
    watch: dav/lab
  - user: open
    auth: { type: none }
  - discover: https://dav.example.org
  - discover: https://other.example.org/
    auth: { type: bearer, token: abc.def }
`,
      { 'dav.password': ' two words \n' },
    );
    const inherited = { type: 'basic', username: 'svc', password: ' two words ' };
    expect(config.spaces).toEqual([
      { user: 'jm', url: 'https://dav.example.org/home/jm/', auth: inherited, watchDirectory: null },
      {
        user: 'a b+%#?ü',
        url: 'https://dav.example.org/home/a%20b%2B%25%23%3F%C3%BC/',
        auth: inherited,
        watchDirectory: null,
      },
      {
        user: 'lab',
        url: 'http://127.0.0.1:8081/lab/space/',
        auth: { type: 'digest', username: 'lab:1', password: '' },
        watchDirectory: join(folder, 'dav/lab'),
      },
      { user: 'open', url: 'https://dav.example.org/home/open/', auth: { type: 'none' }, watchDirectory: null },
    ]);
    expect(config.discoveries).toEqual([
      { url: 'https://dav.example.org/', auth: inherited },
      { url: 'https://other.example.org/', auth: { type: 'bearer', token: 'abc.def' } },
    ]);
  });

  test('may share credentials by a YAML alias', async () => {
    const { config, folder } = await load(
      'spaces:\n  - { user: a, url: "http://h/a", auth: &dav { type: bearer, tokenFile: t } }\n  - { user: b, url: "http://h/b", auth: *dav }\n',
      { t: 'token\r\n' },
    );
    expect(config.spaces[1]?.auth).toEqual({
      type: 'bearer',
      tokenFile: join(folder, 't'),
      tokenVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test.each([
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['localhost:65535', { kind: 'tcp', host: 'localhost', port: 65_535 }],
    ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
    ['unix:/run/ovadex/api.sock', { kind: 'unix', path: '/run/ovadex/api.sock' }],
  ])('listens at %s', async (listen, expected) => {
    const { config } = await load(`server: { listen: "${listen}" }`);
    expect(config.server.listen).toEqual(expected);
  });

  test('takes publicUrl without its slash', async () => {
    const { config } = await load('server: { publicUrl: "https://vss-api.example.org/ovadex/" }');
    expect(config.server.publicUrl).toBe('https://vss-api.example.org/ovadex');
  });

  test('may do without polling', async () => {
    expect((await load('crawl: { poll: off }')).config.crawl.poll).toBeNull();
  });
});

describe('a token file', () => {
  const yaml = `${DATA}spaces:\n  - { user: a, url: "http://h/a", auth: { type: bearer, tokenFile: t } }\n`;

  test('keeps its token out of the configuration', async () => {
    const folder = await configFolder({ 'ovadex.yaml': yaml, t: 'hunter2' });
    expect(JSON.stringify(await checkConfig(join(folder, 'ovadex.yaml')))).not.toContain('hunter2');
  });

  test('makes other credentials of another token', async () => {
    const folder = await configFolder({ 'ovadex.yaml': yaml, t: 'token-1' });
    const load = async () => (await loadConfig(join(folder, 'ovadex.yaml'))).spaces;
    const first = await load();
    expect(await load()).toEqual(first);
    await writeFile(join(folder, 't'), 'token-2');
    expect(await load()).not.toEqual(first);
  });
});

describe('a configuration with problems', () => {
  const ALLOWED_CRAWL =
    'schedule, fullSchedule, poll, budget, timeZone, spacesAtOnce, requestsPerSpace, requestsPerHost, maxDepth, search, exclude, excludeDefaults, timeouts';
  const ISSUER =
    'must be an https URL, exactly as the tokens have it, such as "https://login.example.org/"; http only on this machine';
  const LINK =
    'must be where a Nextcloud has a user\'s files, with {user}, such as "https://cloud.example.org/remote.php/dav/files/{user}/"';
  const CLOUD = '{ url: "https://h/remote.php/dav/files/{user}/" }';
  /** An issuer that is good but for this. */
  function issuerWith(entry: string): string {
    const rest = ['issuer: "https://login.example.org"', 'audience: a'].filter(
      (each) => !entry.startsWith(each.slice(0, 6)),
    );
    return `auth: { issuers: [{ ${[entry, ...rest].join(', ')} }] }`;
  }
  const PROXY = 'must be an address or a network, such as "192.0.2.10" or "2001:db8::/32", or unix';
  const LISTEN = 'must be "host:port" (port 0: any free one), "[IPv6]:port" or "unix:/path"';
  const BUDGET = 'must be auto, off, or a number of requests a second from 0.01 to 1000';
  const DURATION = 'must be a number with a unit: 500ms, 10s, 5m, 2h or 90d, from 100ms to 1d';
  const URL_FORM = 'must be an http or https URL, such as "https://dav.example.org/home/"';
  const CAN_BE_OFF = 'only crawl.poll and maintenance.schedule can be off';
  const ZONE = 'must be the IANA name of a time zone, such as Europe/Berlin or UTC';
  const CRON = 'must be a cron expression of five or six fields, such as "*/15 * * * *"';

  test.each<[yaml: string, problem: string]>([
    [
      'server: { trustedProxies: 10.0.0.1 }',
      '2:27: server.trustedProxies: must be a list of addresses (it is "10.0.0.1")',
    ],
    ['server: { trustedProxies: [proxy] }', `2:28: server.trustedProxies[0]: ${PROXY} (it is "proxy")`],
    ['server: { trustedProxies: ["10.0.0.0/33"] }', `2:28: server.trustedProxies[0]: ${PROXY} (it is "10.0.0.0/33")`],
    ['server: { trustedProxies: ["::/129"] }', `2:28: server.trustedProxies[0]: ${PROXY} (it is "::/129")`],
    ['server: { trustedProxies: ["::1/"] }', `2:28: server.trustedProxies[0]: ${PROXY} (it is "::1/")`],
    ['server: { trustedProxies: ["fe80::1%eth0"] }', `2:28: server.trustedProxies[0]: ${PROXY} (it is "fe80::1%eth0")`],
    [issuerWith('issuer: login'), `2:29: auth.issuers[0].issuer: ${ISSUER} (it is "login")`],
    [issuerWith('issuer: "http://login.example.org"'), `2:29: auth.issuers[0].issuer: ${ISSUER} (it is`],
    [issuerWith('issuer: "https://a:b@login.example.org"'), `${ISSUER} (it is "https://***@login.example.org")`],
    [issuerWith('jwksUrl: "http://login.example.org/keys"'), 'auth.issuers[0].jwksUrl: must be an https URL'],
    [issuerWith('algorithms: [HS256]'), 'algorithms[0]: must be one of RS256, RS384,'],
    [issuerWith('algorithms: [none]'), 'algorithms[0]: must be one of RS256, RS384,'],
    [issuerWith('algorithms: []'), 'auth.issuers[0].algorithms: must have one of RS256, RS384,'],
    [issuerWith('signIn: {}'), 'auth.issuers[0].signIn.clientId: required: the id under which the issuer knows'],
    [issuerWith('signIn: { clientId: c, scopes: [email] }'), 'auth.issuers[0].signIn.scopes: must have "openid"'],
    [issuerWith('leeway: 6m'), 'auth.issuers[0].leeway: must be a number with a unit'],
    [issuerWith('adminClaim: x'), 'auth.issuers[0]: must have both adminClaim and adminValue, or neither'],
    ['auth: { issuers: [{ issuer: "https://a/" }] }', 'audience: required: the audience that the tokens name'],
    [
      'auth: { issuers: [{ issuer: "https://a/", audience: a }, { issuer: "https://a/", audience: b }] }',
      '2:68: auth.issuers[1].issuer: must be named once',
    ],
    ['link: { origins: [{ url: "https://h/dav/{user}/" }] }', `2:26: link.origins[0].url: ${LINK} (it is`],
    ['link: { origins: [{ url: "https://h/remote.php/dav/files/jm/" }] }', `link.origins[0].url: ${LINK} (it is`],
    [
      'link: { origins: [{ url: "http://h/remote.php/dav/files/{user}/" }] }',
      'link.origins[0].url: must begin with https://, since users send passwords there; http only on this machine',
    ],
    [`link: { origins: [${CLOUD}, ${CLOUD}] }`, 'link.origins[1].url: must be named once; https://h/ is above'],
    [
      `link: { origins: [${CLOUD.replace(' }', ', loginName: jm }')}] }`,
      'link.origins[0].loginName: must contain {user}, and no other placeholder (it is "jm")',
    ],
    ['link: { keyFile: "" }', 'link.keyFile: must be the path of a file'],
    ['server: { keepAlive: 10ms }', 'server.keepAlive: must be a number with a unit'],
    ['api: { corsOrigins: [portal.example.org] }', 'api.corsOrigins[0]: must be an origin'],
    ['api: { corsOrigins: ["https://a.example/path"] }', 'api.corsOrigins[0]: must be an origin'],
    ['api: { corsOrigins: ["null"] }', 'api.corsOrigins[0]: must be an origin'],
    ['auth: { forwardClientAddress: true }', 'auth.forwardClientAddress: must be a list of origins of storages'],
    ['auth: { forwardClientAddress: ["https://a.example/nextcloud"] }', 'without a path'],
    ['auth: { forwardClientAddress: ["*"] }', 'auth.forwardClientAddress[0]: must be the origin of a storage'],
    ['api: { waitsPerUser: 0 }', 'api.waitsPerUser: must be a whole number from 1 to 20000 (it is 0)'],
    ['api: { rateLimit: 10 }', 'api.rateLimit: must be a mapping of requests, window (it is 10)'],
    [
      'api: { rateLimit: { requests: 0, window: 1m } }',
      'api.rateLimit.requests: must be a whole number from 1 to 1000000',
    ],
    ['api: { rateLimit: { requests: 1, window: 1500ms } }', 'api.rateLimit.window: must be a number with a unit'],
    ['api: { rateLimit: { requests: 1 } }', 'api.rateLimit.window: required: a number with a unit'],
    ['api: { catalogue: all }', '2:19: api.catalogue: must be one of personal, public (it is "all")'],
    ['spaces: [{ user: a, url: "http://h/", public: "yes" }]', 'spaces[0].public: must be true or false (it is "yes")'],
    [
      'spaces: [{ user: a, url: "http://h/", describe: off }]',
      'spaces[0].describe: must be true or false (it is "off")',
    ],
    ['spaces: [{ discover: "http://h/", public: true }]', 'url, watch and public belong to a user, not to discover'],
    ['server: { listen: 8080 }', `2:19: server.listen: ${LISTEN} (it is 8080)`],
    ['server: { listen: "h:65536" }', `2:19: server.listen: ${LISTEN} (it is "h:65536")`],
    ['server: { listen: "[::g]:1" }', `2:19: server.listen: ${LISTEN} (it is "[::g]:1")`],
    [
      'server: { listne: "h:1" }',
      '2:11: server.listne: unknown key; did you mean listen? allowed here: listen, metricsListen, publicUrl',
    ],
    [
      'server: x',
      '2:9: server: must be a mapping of listen, metricsListen, publicUrl, trustedProxies, keepAlive, console, socketMode, socketGroup (it is "x")',
    ],
    [
      'storages: {}',
      '2:1: storages: unknown key; did you mean storage? allowed here: server, data, roles, api, auth, link, storage, spaces, crawl, describe, webhooks, maintenance, log, include',
    ],
    ['crawl:\n  zzz: 1', `3:3: crawl.zzz: unknown key; allowed here: ${ALLOWED_CRAWL}`],
    [
      'crawl:\n  schedule: "* * *"',
      `3:13: crawl.schedule: ${CRON}; it has 3 fields, but needs minute, hour, day of the month, month, day of the week (it is "* * *")`,
    ],
    [
      'storage: { auth: { type: basic, username: "{name}", password: x } }',
      "2:43: storage.auth.username: {name} has no meaning here; write the name itself, or {user} for each user's own",
    ],
    [
      'storage: { auth: { type: digest, username: jm, passwordFile: "{user}/{site}.pw" } }',
      '2:62: storage.auth.passwordFile: {site} has no meaning here; write the path out for each space',
    ],
    [
      'storage: { tls: { ca: "{user}.pem" } }',
      '2:23: storage.tls.ca: must be the path of a file, written out: {user} is replaced only in url, and in the username, passwordFile and tokenFile of auth (it is "{user}.pem")',
    ],
    ['crawl: { schedule: off }', `2:20: crawl.schedule: ${CRON}; ${CAN_BE_OFF} (it is "off")`],
    ['crawl: { fullSchedule: Off }', `2:24: crawl.fullSchedule: ${CRON}; ${CAN_BE_OFF} (it is "Off")`],
    ['crawl: { timeZone: Berlin }', `2:20: crawl.timeZone: ${ZONE} (it is "Berlin")`],
    ['crawl: { timeZone: "+02:00" }', `2:20: crawl.timeZone: ${ZONE} (it is "+02:00")`],
    ['crawl: { timeZone: 2 }', `2:20: crawl.timeZone: ${ZONE} (it is 2)`],
    ['crawl: { spacesAtOnce: 0 }', '2:24: crawl.spacesAtOnce: must be a whole number from 1 to 64 (it is 0)'],
    ['crawl: { maxDepth: 1.5 }', '2:20: crawl.maxDepth: must be a whole number from 1 to 1000 (it is 1.5)'],
    ['crawl: { exclude: "*.x" }', '2:19: crawl.exclude: must be a list of globs (it is "*.x")'],
    ['crawl: { exclude: [a, ""] }', '2:23: crawl.exclude[1]: must be a glob (it is "")'],
    [
      'crawl:\n  exclude:\n    - ok*\n    - "*(copy).ova"',
      '5:7: crawl.exclude[1]: must be a glob: "(" has no meaning in it; [(] stands for the character itself, {a,b} for a choice (it is "*(copy).ova")',
    ],
    ['crawl: { excludeDefaults: no-thanks }', '2:27: crawl.excludeDefaults: must be true or false (it is "no-thanks")'],
    ['crawl: { budget: 0 }', `2:18: crawl.budget: ${BUDGET} (it is 0)`],
    ['crawl: { budget: never }', `2:18: crawl.budget: ${BUDGET} (it is "never")`],
    ['crawl: { timeouts: { total: 10 } }', `2:29: crawl.timeouts.total: ${DURATION} (it is 10)`],
    ['crawl: { timeouts: { total: 2d } }', `2:29: crawl.timeouts.total: ${DURATION} (it is "2d")`],
    ['maintenance: { forgetAfter: 12h }', '2:29: maintenance.forgetAfter: must be a number with a unit'],
    [
      'maintenance: { schedule: off, forgetAfter: 90d }',
      '2:44: maintenance.forgetAfter: must be omitted if maintenance.schedule is off: nobody would be deleted',
    ],
    ['log: { level: loud }', '2:15: log.level: must be one of debug, info, warn, error (it is "loud")'],
    ['spaces: { user: jm }', '2:1: spaces: must be a list of spaces (it is a mapping)'],
    [
      'spaces:\n  - jm',
      '3:5: spaces[0]: must be a mapping of user, url, auth, headers, tls, proxy, watch, describe, public, discover, credentials (it is "jm")',
    ],
    ['spaces:\n  - {}', '3:5: spaces[0]: must have one of user, credentials and discover'],
    ['spaces:\n  - user: 12\n    url: http://h/', '3:11: spaces[0].user: must be a user name, in quotes (it is 12)'],
    ['spaces:\n  - discover: ftp://h/', `3:15: spaces[0].discover: ${URL_FORM} (it is "ftp://h/")`],
    [
      'spaces:\n  - discover: http://h/{user}',
      '3:15: spaces[0].discover: must contain no placeholder (it is "http://h/{user}")',
    ],
    [
      'spaces:\n  - { user: a, url: "http://h/{name}" }',
      '3:21: spaces[0].url: must contain no placeholder other than {user} (it is "http://h/{name}")',
    ],
    [
      'spaces:\n  - { user: a, url: "http://{user}.h/" }',
      '3:21: spaces[0].url: must have {user} in its path, not in its host (it is "http://{user}.h/")',
    ],
    [
      'storage: { url: "http://h/x?y=secret" }',
      '2:17: storage.url: must end with its path, without ? and # (it is "http://h/x?***")',
    ],
    [
      'storage: { url: "http://u:secret@h/" }',
      '2:17: storage.url: must contain no credentials; they belong in auth (it is "http://***@h/")',
    ],
    [
      'storage: { auth: { type: kerberos } }',
      '2:26: storage.auth.type: must be one of none, basic, digest, bearer (it is "kerberos")',
    ],
    ['storage: { auth: { type: none, username: x } }', '2:32: storage.auth.username: unknown key; allowed here: type'],
    [
      'storage: { auth: secret }',
      '2:18: storage.auth: must be a mapping with a type: none, basic, digest or bearer (it is some text)',
    ],
    ['storage: { auth: { type: basic, password: x } }', '2:12: storage.auth.username: required: a user name'],
    [
      'storage: { auth: { type: basic, username: a } }',
      '2:12: storage.auth: must have either password or passwordFile',
    ],
    [
      'storage: { auth: { type: bearer, token: a, tokenFile: ok } }',
      '2:12: storage.auth: must have either token or tokenFile',
    ],
    [
      'storage: { auth: { type: bearer, tokenFile: gone } }',
      '2:45: storage.auth.tokenFile: must be a file that can be read; there is no such file: gone (it is "gone")',
    ],
    [
      'storage: { auth: { type: bearer, tokenFile: empty } }',
      '2:45: storage.auth.tokenFile: must not be empty: empty (it is "empty")',
    ],
    [
      'storage: { auth: { type: bearer, tokenFile: lines } }',
      '2:45: storage.auth.tokenFile: must contain a single line without control characters: lines (it is "lines")',
    ],
    [
      'storage: { auth: { type: bearer, tokenFile: . } }',
      '2:45: storage.auth.tokenFile: must be a file that can be read; it is a directory',
    ],
    [
      'crawl: { poll: sometimes }',
      '2:16: crawl.poll: must be a cron expression of five or six fields, such as "*/15 * * * *", or off; it has 1 field, but needs minute, hour, day of the month, month, day of the week (it is "sometimes")',
    ],
    [
      'spaces:\n  - user: a',
      '3:11: spaces[0].user: "a" needs a url of its own: there is no storage.url to fall back on',
    ],
    [
      'storage:\n  url: http://h/\nspaces:\n  - user: a',
      '5:11: spaces[0].user: "a" needs a url of its own: storage.url (line 3) has no {user} in its path',
    ],
  ])('is refused: %s', async (yaml, problem) => {
    const found = await problemsIn(DATA + yaml, { ok: 'secret', empty: '\n', lines: 'one\ntwo\n' });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  test('is refused with every problem at once, in the order of the lines', async () => {
    const found = await problemsIn(`
server: { listen: nowhere }
storage:
  auth: { type: basic, usrname: 1, passwordFile: gone }
spaces:
  - { user: jm, url: "http://h/" }
  - { user: jm, url: "ftp://h/", watch: 1 }
crawl: { spacesAtOnce: many, scheduel: "" }
`);
    expect(found.map((line) => /^[\d:]+ (?:[\w.[\]]+:)?/.exec(line)?.[0])).toEqual(
      [
        '2:1: data.directory:',
        '2:19: server.listen:',
        '4:3: storage.auth.username:',
        '4:24: storage.auth.usrname:',
        '4:50: storage.auth.passwordFile:',
        '7:13: spaces[1].user:',
        '7:22: spaces[1].url:',
        '7:41: spaces[1].watch:',
        '8:24: crawl.spacesAtOnce:',
        '8:30: crawl.scheduel:',
      ].map((place) => expect.stringContaining(place)),
    );
    expect(found[5]).toContain('"jm" must be named once; line 6 also names it');
  });

  test('never shows a secret, however wrongly it is written', async () => {
    for (const auth of [
      'hunter2',
      '[hunter2]',
      '{ type: hunter2-is-it, username: x }',
      '{ type: basic, username: x, password:hunter2 }',
      '{ type: basic, username: x, password: [hunter2] }',
      '{ type: basic, username: x, passwort: hunter2 }',
      '{ type: basic, username: "x:hunter2", password: hunter2, passwordFile: ok }',
      '{ type: bearer, token: "hunter2 hunter2" }',
      '{ type: bearer, tokenFile: lines }',
      '{ type: basic, username: x, password: *hunter2 }',
      '{ type: basic, username: x, password: !hunter2 y }',
      '{ type: basic, username: x, password: "\\qhunter2" }',
      '{ type: basic, username: x, password: @hunter2 }',
      '{ type: basic, username: x, password: "hunter2 }',
      '|hunter2',
      '\n    type: basic\n    username: x\n    password:hunter2',
      '\n    type: basic\n    username: x\n     password: hunter2',
    ]) {
      const found = await problemsIn(`storage:\n  auth: ${auth}\nlog: { level: 1 }\n`, {
        ok: 'hunter2',
        lines: 'hunter2\nhunter2\n',
      });
      expect(found.length, auth).toBeGreaterThan(0);
      expect(found.join('\n'), auth).not.toContain('hunter2');
    }
  });

  test.each([
    '{ clientId: c, clientSecret: 74656667 }',
    '{ clientId: c, clientSecret: [74656667] }',
    '{ clientId: c, clientSecretFile: "-----BEGIN 74656667" }',
    '74656667',
  ])('never shows the secret of a sign-in: %s', async (signIn) => {
    const issuer = `{ issuer: "https://login.example.org", audience: a, signIn: ${signIn} }`;
    const found = await problemsIn(`data: { directory: x }\nauth: { issuers: [${issuer}] }\n`);
    expect(found.join('\n')).toContain('signIn');
    expect(found.join('\n')).not.toContain('74656667');
  });

  test.each<[yaml: string, place: string]>([
    ['a: [1\nb: 2', '2:1:'],
    ['\ta: 1', '1:1:'],
    ['a: 1\n---\nb: 1', '2:1: only one document'],
    ['a: *x', '1:4: a value that starts with *'],
    ['a: !x y', '1:4: a value that starts with !'],
  ])('is refused where the YAML is broken: %j', async (yaml, place) => {
    expect((await problemsIn(yaml))[0]).toContain(place);
  });

  test.each<[yaml: string, problem: string]>([
    ['log: {}\nlog: { level: loud }', '2:1: duplicate key: log (first in line 1)'],
    ['log: { level: info, level: loud }', '1:21: duplicate key: level (first in line 1)'],
    ['"log": {}\n# again\nlog: { level: loud }', '3:1: duplicate key: log (first in line 1)'],
    ['spaces:\n  - user: a\n    url: "http://h/"\n    user: b\nlog: { level: loud }', '4:5: duplicate key: user'],
  ])('is refused where a key stands there twice, beside all else that is wrong: %j', async (yaml, problem) => {
    const found = await problemsIn(`${yaml}\n${DATA}`);
    expect(found).toHaveLength(2);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).toContain('log.level: must be one of');
  });

  test.each<[auth: string, problems: readonly string[]]>([
    [
      '{ type: Basic, user: jm, password: 12 }',
      [
        'type: must be one of none, basic, digest, bearer; did you mean basic? (it is "Basic")',
        'user: unknown key; did you mean username?',
        'password: must be text',
        'username: required: a user name',
      ],
    ],
    [
      '{ type: BEARER, tokn: x, token: "a b" }',
      ['type: must be one of', 'tokn: unknown key', 'token: must be a token'],
    ],
    ['{ type: kerberos, password: 12, x: 1 }', ['type: must be one of', 'password: must be text', 'x: unknown key']],
    [
      '{ username: 7, password: x }',
      ['type: required: one of', 'username: must be a user name, in quotes (it is a number)'],
    ],
    ['{ type: [basic], tokenFile: gone }', ['type: must be one of', 'tokenFile: must be a file that can be read']],
    ['{}', ['type: required: one of none, basic, digest, bearer']],
  ])('tells all that is wrong in an auth whose type is: %s', async (auth, problems) => {
    const found = await problemsIn(`${DATA}storage: { auth: ${auth} }`);
    for (const problem of problems) expect(found.join('\n')).toContain(`storage.auth.${problem}`);
    expect(found).toHaveLength(problems.length);
  });

  test.each<[yaml: string, problem: string]>([
    [
      'server:\nlisten: "h:1"',
      '3:1: listen: unknown key here; did you mean server.listen? check its indentation; allowed here: server,',
    ],
    [
      'server:\n  crawl: {}',
      '3:3: server.crawl: unknown key here; did you mean crawl? check its indentation; allowed here: listen,',
    ],
    ['crawl: { connect: 5s }', 'crawl.connect: unknown key here; did you mean crawl.timeouts.connect?'],
    ['crawl: { timeouts: { schedule: x } }', 'did you mean crawl.schedule or maintenance.schedule? check'],
    ['watch: /srv', '2:1: watch: unknown key here; did you mean spaces[].watch?'],
    ['storage: { public: true }', 'storage.public: unknown key here; did you mean spaces[].public?'],
    ['Directory: x', 'did you mean data.directory?'],
    ['colour: red', 'colour: unknown key; allowed here: server,'],
  ])('says where a key belongs that stands at the wrong level: %j', async (yaml, problem) => {
    expect((await problemsIn(DATA + yaml)).join('\n')).toContain(problem);
  });

  const PROBLEMS = sizeOf(1_000, 200);
  test('shows the first of very many problems and counts the others', async () => {
    const spaces = Array.from({ length: PROBLEMS }, (_, at) => `  - { user: u${at}, url: "ftp://h/" }\n`);
    const folder = await configFolder({ 'ovadex.yaml': `${DATA}spaces:\n${spaces.join('')}` });
    const error = await loadConfig(join(folder, 'ovadex.yaml')).then(() => null, String);
    const lines = (error ?? '').split('\n');
    expect(lines[0]).toContain(`the configuration has ${PROBLEMS.toLocaleString('en')} problems:`);
    expect(lines).toHaveLength(22);
    expect(lines[1]).toContain('ovadex.yaml:3:22: spaces[0].url:');
    expect(lines[20]).toContain('ovadex.yaml:22:23: spaces[19].url:');
    expect(lines[21]).toBe(`and ${PROBLEMS - 20} more`);
  });

  test('is refused when the file is empty, a list, or a circle', async () => {
    expect(await problemsIn('')).toEqual(['1:1: data.directory: required: the path of a folder']);
    expect((await problemsIn('[a]'))[0]).toBe(
      '1:1: must be a mapping of server, data, roles, api, auth, link, storage, spaces, crawl, describe, webhooks, maintenance, log, include (it is a list)',
    );
    expect((await problemsIn('data: &x { directory: *x }'))[0]).toContain(
      'data.directory: must be the path of a folder',
    );
  });

  test('is refused when the file is not there', async () => {
    const folder = await configFolder({});
    await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`${folder}/none.yaml`),
    });
  });
});

describe('warnings', () => {
  test('name secrets that every user of the machine can read', async () => {
    const yaml = `${DATA}storage: { auth: { type: basic, username: a, passwordFile: p } }\nspaces:\n  - { user: a, url: "https://h/", auth: { type: bearer, token: t } }\n`;
    const folder = await configFolder({ 'ovadex.yaml': yaml, p: 'secret' });
    const file = join(folder, 'ovadex.yaml');
    expect((await checkConfig(file)).warnings).toEqual([]);
    await chmod(file, 0o644);
    await chmod(join(folder, 'p'), 0o644);
    const { warnings } = await checkConfig(file);
    expect(warnings).toEqual([
      expect.stringContaining(`${folder}/p: every user`),
      expect.stringContaining(`${file}: every user`),
    ]);
  });

  test('name hosts that get credentials in the clear, but not this machine and not for Digest', async () => {
    const entry = (url: string, type: string) =>
      `  - { user: "${url}", url: "http://${url}", auth: { type: ${type}, username: u, password: p } }\n`;
    const users = [
      entry('far.example.org', 'basic'),
      entry('127.0.0.1:1', 'basic'),
      entry('digest.example.org', 'digest'),
    ];
    const { warnings } = await load(`spaces:\n${users.join('')}`);
    expect(warnings).toEqual([expect.stringContaining('http://far.example.org: passwords and tokens')]);
  });

  test('name spaces on another origin that take the storage credentials', async () => {
    const { warnings } = await load(`
storage: { url: "https://dav.example.org/{user}/", auth: { type: basic, username: u, password: p } }
spaces:
  - user: near
  - { user: far, url: "https://far.example.org/" }
`);
    expect(warnings).toEqual([expect.stringContaining('https://far.example.org/: storage.auth is also sent there')]);
  });

  test('say that there are no spaces', async () => {
    expect((await load('')).warnings).toEqual([expect.stringContaining('there are no spaces yet')]);
  });

  test('name trusted proxies without the address that clients know', async () => {
    const spaces = 'spaces: [{ user: jm, url: "https://storage.example.org/jm/" }]';
    const proxied = await load(`server: { trustedProxies: ["192.0.2.10"] }\n${spaces}`);
    expect(proxied.warnings).toEqual([expect.stringContaining('server.publicUrl is not')]);
    const known = 'server: { trustedProxies: ["192.0.2.10"], publicUrl: "https://vss-api.example.org" }';
    expect((await load(`${known}\n${spaces}`)).warnings).toEqual([]);
  });

  test('tell of clients whose addresses no storage is ever told', async () => {
    const spaces = 'spaces: [{ user: jm, url: "https://cloud.example.org/jm/" }]';
    const warningsFor = async (origin: string) =>
      (await load(`auth: { forwardClientAddress: ["${origin}"] }\n${spaces}`)).warnings;
    expect(await warningsFor('https://Cloud.example.org:443/')).toEqual([]);
    expect(await warningsFor('https://other.example.org')).toEqual([
      expect.stringContaining('no space, discovery or link is at https://other.example.org'),
    ]);
  });
});
