import { afterEach, expect, it } from 'vitest';
import { checkedFetch } from '../../support/checked-fetch.js';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { installOvadex } from '../../support/process/ovadex.js';

/** Starting takes a second; a busy machine takes longer. */
const SOON = { timeout: 20_000, interval: 50 };
/** Enough for some dozens of commits and thousands of answers. */
const HAMMER_MS = 8_000;
/** However slow the machine is, so many commits make a test. */
const MIN_STEPS = 10;
/** Of so many changes one is left alone for a second. */
const PAUSE_AFTER = 8;
const FOLDERS = ['a', 'b/c', 'd'];

interface Page {
  readonly data: readonly { readonly id: number; readonly path: string }[];
  readonly meta: { readonly pages: { readonly total: number; readonly next_url: string | null } };
}

/** What a client saw: at least the revision `floor` had been committed before it asked. */
interface Sight {
  readonly client: string;
  readonly floor: number;
  readonly revision: number;
  /** null for 304. */
  readonly paths: readonly string[] | null;
  readonly total: number;
}

const revisionOf = (etag: string | null) => Number(/-(\d+)-\w+-\w+"$/.exec(etag ?? '')?.[1]);
const folded = (path: string) => path.slice(path.lastIndexOf('/') + 1).toLowerCase();
const sorted = (paths: Iterable<string>) =>
  [...paths].sort((a, b) => (folded(a) < folded(b) ? -1 : folded(a) > folded(b) ? 1 : 0));

const cleanup = createCleanup();
afterEach(() => cleanup.run());

it('answers one revision’s truth each time, the newest, while clients hammer and the crawler commits', async () => {
  const dav = await startDavServer();
  cleanup.add(dav.close);
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({ spaces: [{ user: 'jm', url: `${dav.url}jm/` }] });
  const truth = new Map<number, ReadonlySet<string>>();
  let stored = new Set<string>();
  let made = 0;
  const put = (folder: string) => {
    const path = `${folder}/${made % 3 === 0 ? 'Ubuntu' : 'debian'} ${String(made++).padStart(4, '0')}.ova`;
    dav.tree.put(`jm/${path}`, { size: made });
    stored = new Set([...stored, path]);
  };
  for (let n = 0; n < 60; n++) put(FOLDERS[n % FOLDERS.length] ?? '');
  const { token } = await ovadex.createToken('jm', ['--scope', 'admin']);
  const daemon = await ovadex.serve();
  cleanup.add(daemon.stop);
  const ask = (url: string, init: RequestInit = {}) =>
    checkedFetch(url.startsWith('http') ? url : daemon.url + url, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const data = async <T>(url: string, init?: RequestInit) =>
    ((await (await ask(url, init)).json()) as { data: T }).data;
  const spaceNow = () => data<{ images: number; revision: number }>('v2/admin/space/jm');
  const hasEnded = async (id: number) =>
    (await data<{ status: string }>(`v2/request/image_sync/${id}`)).status === 'PROCESSED';
  await expect.poll(() => hasEnded(1), SOON).toBe(true);
  let floor = (await spaceNow()).revision;
  truth.set(floor, stored);

  let isOver = false;
  const sights: Sight[] = [];
  const walks: { readonly revisions: ReadonlySet<number>; readonly paths: readonly string[] }[] = [];
  const see = async (client: string, url: string, etag?: string) => {
    const before = floor;
    const response = await ask(url, etag === undefined ? {} : { headers: { 'if-none-match': etag } });
    const tag = response.headers.get('etag');
    const page = response.status === 304 ? null : ((await response.json()) as Page);
    if (page === null) expect(tag).toBe(etag);
    const paths = page?.data.map(({ path }) => path) ?? null;
    const revision = revisionOf(tag);
    sights.push({ client, floor: before, revision, paths, total: page?.meta.pages.total ?? -1 });
    return { tag: tag ?? '', revision, paths: paths ?? [], next: page?.meta.pages.next_url ?? null };
  };
  const repeat = async (act: () => Promise<unknown>) => {
    while (!isOver) await act();
  };
  let tag: string | undefined;
  const clients = [
    repeat(() => see('list', 'v2/image')),
    repeat(() => see('filter', 'v2/user/image/vm?name=UBUNTU')),
    repeat(async () => {
      ({ tag } = await see('condition', 'v2/image?sort=name,desc', tag));
    }),
    repeat(async () => {
      const revisions = new Set<number>();
      const paths: string[] = [];
      for (let url: string | null = 'v2/image?per_page=9'; url !== null; ) {
        const page = await see('page', url);
        revisions.add(page.revision);
        paths.push(...page.paths);
        url = page.next;
      }
      walks.push({ revisions, paths });
    }),
  ];
  const change = async () => {
    // One collection a step: that is one commit, and so one revision.
    const folder = FOLDERS[made % FOLDERS.length] ?? '';
    const oldest = [...stored].find((path) => path.startsWith(folder));
    put(folder);
    if (made % 2 === 0 && oldest !== undefined) {
      dav.tree.remove(`jm/${oldest}`);
      stored = new Set([...stored].filter((path) => path !== oldest));
    }
    truth.set(floor + 1, stored);
    const body = JSON.stringify({ user: 'jm', mode: 'full' });
    const { request } = await data<{ request: { id: number } }>('v2/admin/sync', { method: 'POST', body });
    await expect.poll(() => hasEnded(request.id), { ...SOON, interval: 5 }).toBe(true);
    const { revision } = await spaceNow();
    expect(revision).toBe(floor + 1);
    floor = revision;
  };
  const isDated = async () => (await ask('v2/image')).headers.has('last-modified');
  const first = floor;
  const changes = (async () => {
    const endsAt = performance.now() + HAMMER_MS;
    while (performance.now() < endsAt || floor - first < MIN_STEPS) {
      await change();
      // In the second of a change no answer is given again unread; in the next ones those of all clients are.
      if (floor % PAUSE_AFTER === 0) await expect.poll(isDated, SOON).toBe(true);
    }
  })().finally(() => {
    isOver = true;
  });
  await Promise.all([changes, ...clients]);

  const last = new Map<string, number>();
  for (const { client, floor: least, revision, paths, total } of sights) {
    expect(revision, `${client} saw what was committed before it asked`).toBeGreaterThanOrEqual(least);
    expect(revision, `${client} never went back`).toBeGreaterThanOrEqual(last.get(client) ?? 0);
    last.set(client, revision);
    if (paths === null) continue;
    const whole = sorted(truth.get(revision) ?? []);
    if (client === 'list') expect(paths).toEqual(whole);
    if (client === 'condition') expect(paths).toEqual(whole.toReversed());
    if (client === 'filter') expect(paths).toEqual(whole.filter((path) => path.includes('Ubuntu')));
    if (client === 'page') {
      expect(total).toBe(whole.length);
      const at = whole.indexOf(paths[0] ?? '');
      expect(paths).toEqual(whole.slice(at, at + paths.length));
    }
  }
  for (const { revisions, paths } of walks) {
    expect(new Set(paths).size).toBe(paths.length);
    const seen = [...revisions].map((revision) => truth.get(revision) ?? new Set<string>());
    const stayed = [...(seen[0] ?? [])].filter((path) => seen.every((paths) => paths.has(path)));
    expect(paths).toEqual(expect.arrayContaining(stayed));
  }
  const seen = new Set(sights.map(({ revision }) => revision));
  expect(seen.size).toBeGreaterThan(MIN_STEPS / 2);
  expect(walks.some(({ revisions }) => revisions.size > 1)).toBe(true);
  expect(sights.some(({ paths }) => paths === null)).toBe(true);
  expect(new Set(sights.map(({ client }) => client)).size).toBe(4);
}, 60_000);
