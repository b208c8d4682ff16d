import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPlainly } from '../plain-http.js';
import { createNextcloud, type Nextcloud } from './cloud.js';

// Answers of a Nextcloud 32.0.1 with Apache and PHP 8.2; values of cookies, tokens and ids are masked in them.
const RECORDED = new URL('../../fixtures/nextcloud/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, RECORDED), 'utf8');

const LISTED =
  '<d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/><oc:fileid/><oc:permissions/><nc:mount-type/><nc:is-mount-root/><oc:data-fingerprint/>';
const SPACES = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"';
const PROPFIND = `<?xml version="1.0"?><d:propfind ${SPACES}><d:prop>${LISTED}</d:prop></d:propfind>`;
const FOUND =
  '<d:displayname/><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/><oc:fileid/><oc:permissions/>';
const like = (pattern: string) => `<d:like><d:prop><d:displayname/></d:prop><d:literal>${pattern}</d:literal></d:like>`;
const search = (user: string, limit: number) =>
  `<?xml version="1.0"?><d:searchrequest ${SPACES}><d:basicsearch><d:select><d:prop>${FOUND}</d:prop></d:select><d:from><d:scope><d:href>/files/${user}</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:or>${like('%.ova')}${like('%.ovf')}</d:or></d:where><d:limit><d:nresults>${limit}</d:nresults></d:limit></d:basicsearch></d:searchrequest>`;

/** Blots out what differs each time, on both sides. */
const masked = (lines: readonly string[]) =>
  lines
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^(?:Date|Keep-Alive|Connection: keep-alive|HTTP\/)/.test(line))
    .map((line) =>
      line
        .replace(/^(Set-Cookie: \w+=)[^;]+/, '$1MASKED')
        .replace(/expires=\w{3}, \d.*?GMT; Max/, 'expires=SOON; Max')
        .replace(/^(X-(?:Request-Id|Debug-Token): ).*/, '$1MASKED')
        .replace(/nonce-[^']+/, 'nonce-MASKED'),
    );

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly depth?: string;
  readonly body?: string;
  /** `user:password`; jm's app password where not given, '' for none. */
  readonly as?: string;
  /** Where the body needs its tokens and its origin blotted out. */
  readonly mask?: (body: string) => string;
  readonly kind?: string;
}

describe('the model answers as the recorded Nextcloud did', () => {
  let cloud: Nextcloud;
  let appPassword: string;

  beforeEach(async () => {
    cloud = await createNextcloud({
      users: { jm: { password: 'jm’s own' }, lab: {}, admin: { isAdmin: true, password: 'admin’s own' } },
    });
    appPassword = cloud.user('jm').mintAppPassword().secret;
    cloud.addTeamFolder('team', ['jm', 'lab']);
    cloud.addExternal('jm', 'ext');
  });
  afterEach(() => cloud.close());

  /** Status, headers in their order, and body. */
  const ask = async ({ path, method = 'PROPFIND', depth, body = '', as = `jm:${appPassword}`, mask }: Asked) => {
    const headers = {
      Connection: 'keep-alive',
      ...(as === '' ? {} : { Authorization: `Basic ${Buffer.from(as).toString('base64')}` }),
      ...(depth === undefined ? {} : { Depth: depth }),
    };
    const answer = await askPlainly(`${cloud.url}${path}`, { method, headers, body });
    const lines: string[] = [];
    for (let at = 0; at < answer.rawHeaders.length; at += 2) {
      lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
    }
    const text = answer.body.toString();
    return { status: answer.status, headers: masked(lines), body: mask?.(text) ?? text };
  };
  const recorded = (name: string, kind: string) => {
    const [first = '', ...lines] = read(`${name}.h`).split('\n');
    const body = kind === '' ? '' : read(`${name}.${kind}`);
    return { status: Number(first.split(' ')[1]), headers: masked(lines), body };
  };

  it.each<readonly [string, Asked]>([
    ['other-users-root', { path: '/remote.php/dav/files/jm/', depth: '1', body: PROPFIND, as: 'admin:admin’s own' }],
    ['users-depth1', { path: '/remote.php/dav/files/', depth: '1', body: PROPFIND, as: 'admin:admin’s own' }],
    ['missing', { path: '/remote.php/dav/files/jm/nothing-here', depth: '0', body: PROPFIND }],
    ['missing-webdav', { path: '/remote.php/webdav/nothing-here', depth: '0', body: PROPFIND }],
    ['wrong-password', { path: '/remote.php/dav/files/jm/', depth: '0', body: PROPFIND, as: 'jm:wrong' }],
    ['options', { path: '/remote.php/dav/files/jm/', method: 'OPTIONS', kind: '' }],
    ['options-dav', { path: '/remote.php/dav/', method: 'OPTIONS', kind: '' }],
    ['search-other-user', { path: '/remote.php/dav/', method: 'SEARCH', body: search('lab', 10_000) }],
    ['status', { path: '/status.php', method: 'GET', as: '', kind: 'json' }],
    ['login-v2-poll-pending', { path: '/index.php/login/v2/poll?token=x', method: 'POST', as: '', kind: 'json' }],
  ])('%s', async (name, asked) => {
    expect(await ask(asked)).toEqual(recorded(name, asked.kind ?? 'xml'));
  });

  it('login-v2-start', async () => {
    const { headers, body, status } = await ask({ path: '/index.php/login/v2', method: 'POST', as: '' });
    const old = recorded('login-v2-start', 'json');
    const origin = (text: string) => text.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT').replace(/\w{128}/g, 'MASKED');
    expect({ status, body: origin(body) }).toEqual({ status: old.status, body: origin(old.body) });
    const without = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('Content-Length'));
    expect(without(headers)).toEqual(without(old.headers));
  });

  it.each([
    ['maintenance', { path: '/remote.php/dav/files/jm/', depth: '1', body: PROPFIND }, 'xml'],
    ['maintenance-status', { path: '/status.php', method: 'GET', as: '' }, 'json'],
  ] as const)('%s', async (name, asked, kind) => {
    cloud.setMaintenance(true);
    expect(await ask(asked)).toEqual(recorded(name, kind));
  });

  it('root-depth0 and root-depth1', async () => {
    const jm = cloud.user('jm');
    const entries = [...read('root-depth1.xml').matchAll(/<d:response>(.*?)<\/d:response>/g)].map(([, entry = '']) => ({
      path: /<d:href>\/remote\.php\/dav\/files\/jm\/(.*?)\/?<\/d:href>/.exec(entry)?.[1] ?? '',
      modifiedAt: Date.parse(/<d:getlastmodified>(.*?)</.exec(entry)?.[1] ?? ''),
      etag: /&quot;(\w+)&quot;/.exec(entry)?.[1] ?? '',
      id: Number(/<oc:fileid>(\d+)</.exec(entry)?.[1]),
    }));
    expect(entries).toHaveLength(10);
    for (const { path } of entries) jm.makeFolder(path);
    for (const { path, ...traits } of entries) jm.set(path, traits);
    // The root's own ETag is mixed from its mounts' and can't be told from them.
    const mixed = {
      etag: entries[0]?.etag ?? '',
      fresh: jm.account.space.etagOf({ node: jm.account.space.home.root, mount: null, path: '' }),
    };
    const mask = (body: string) => body.replace(mixed.fresh, mixed.etag);
    expect(mixed.fresh).toMatch(/^[0-9a-f]{32}$/);
    for (const depth of ['0', '1']) {
      const asked = { path: '/remote.php/dav/files/jm/', depth, body: PROPFIND, mask };
      expect(await ask(asked)).toEqual(recorded(`root-depth${depth}`, 'xml'));
    }
  });

  it('search-limit20: the smallest twenty, without a word of the others', async () => {
    const jm = cloud.user('jm');
    for (const [, entry = ''] of read('search-limit20.xml').matchAll(/<d:response>(.*?)<\/d:response>/g)) {
      const path = decodeURIComponent(/files\/jm\/(.*?)<\/d:href>/.exec(entry)?.[1] ?? '');
      jm.put(path);
      jm.set(path, {
        modifiedAt: Date.parse(/<d:getlastmodified>(.*?)</.exec(entry)?.[1] ?? ''),
        etag: /&quot;(\w+)&quot;/.exec(entry)?.[1] ?? '',
        id: Number(/<oc:fileid>(\d+)</.exec(entry)?.[1]),
        sizeBytes: Number(/<d:getcontentlength>(\d+)</.exec(entry)?.[1]),
      });
    }
    jm.put('larger.ova', { sizeBytes: 99 });
    jm.put('no-image.txt');
    const asked = { path: '/remote.php/dav/', method: 'SEARCH', body: search('jm', 20) };
    expect(await ask(asked)).toEqual(recorded('search-limit20', 'xml'));
    const all = await ask({ ...asked, body: search('jm', 10_000) });
    expect(all.body.match(/<d:response>/g)).toHaveLength(21);
  });
});
