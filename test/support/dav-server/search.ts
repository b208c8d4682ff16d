import type { Answer } from './answer.js';
import { writeHref } from './hrefs.js';
import type { ShownMarker } from './markers.js';
import { APACHE_PROPERTIES, writeResponse } from './properties.js';
import type { DavRequest } from './request.js';
import type { DavNode, DavTree } from './tree.js';

/** What goes wrong with a search; without any of it the answer is true. */
export interface SearchFault {
  /** Answers this status, or this document, instead. */
  readonly status?: number;
  readonly body?: string;
  /** What it answers to the question what it offers. */
  readonly optionsStatus?: number;
  /** Shows no more entries than that, without a word. */
  readonly cutAt?: number;
  /** Files that it doesn't know, by their paths. */
  readonly forget?: readonly string[];
  /** Knows only what was there when this fault was set. */
  readonly isStale?: boolean;
  /** Shows entries in the order of the tree, whatever was asked for. */
  readonly isUnordered?: boolean;
  /** Shows an entry of another user as well. */
  readonly isForeign?: boolean;
}

export interface DavSearch {
  set(fault: SearchFault): void;
  /** Answers OPTIONS and SEARCH as Nextcloud does at `/remote.php/dav/`; null for anything else. */
  answer(request: DavRequest): Answer | null;
}

/** Entries that Nextcloud shows where no limit is given. */
const UNLIMITED = 100;

interface Entry {
  readonly path: string;
  readonly bytes: string;
  readonly node: DavNode;
}

/** `basePathNow` as bytes of one character each; a space that doesn't lie at `/remote.php/` has no search. */
export function createDavSearch(
  tree: DavTree,
  basePathNow: () => string,
  isOffered: boolean,
  markerOf: (node: DavNode) => ShownMarker,
): DavSearch {
  const placeNow = () => {
    const match = /^(.*\/remote\.php\/)(?:dav\/files\/([^/]+)|webdav)\/(.*)$/.exec(basePathNow());
    if (match === null) return null;
    const [, root = '', user = 'jm', below = ''] = match;
    return { root, user, below };
  };
  let fault: SearchFault = {};
  let known: readonly Entry[] = [];

  const entries = (): Entry[] => {
    const found: Entry[] = [];
    const walk = (node: DavNode, path: string, bytes: string) => {
      for (const child of node.children?.values() ?? []) {
        const entry = { path: `${path}${child.name}`, bytes: `${bytes}${child.key}`, node: { ...child } };
        if (/\.ov[af]$/i.test(child.name)) found.push(entry);
        if (!child.isLink) walk(child, `${entry.path}/`, `${entry.bytes}/`);
      }
    };
    walk(tree.root, '', '');
    return found;
  };
  const secondsOf = ({ node }: Entry) => Math.floor(markerOf(node).modifiedAt / 1_000) * 1_000;

  const multistatus = (body: string, { root, user, below }: NonNullable<ReturnType<typeof placeNow>>): string => {
    const limit = Number(/<d:nresults>(\d+)</.exec(body)?.[1] ?? UNLIMITED);
    const since = /<d:gte>.*<d:literal>(.*?)<\/d:literal><\/d:gte>/.exec(body)?.[1];
    const { cutAt = Number.POSITIVE_INFINITY, forget = [], isUnordered = false, isForeign = false } = fault;
    const all = (fault.isStale === true ? [...known] : entries()).filter(({ path }) => !forget.includes(path));
    const shown = all.filter((entry) => since === undefined || secondsOf(entry) >= Number(since) * 1_000);
    if (!isUnordered) shown.sort((a, b) => secondsOf(a) - secondsOf(b));
    const shownAt = { origin: '', basePath: `${root}dav/files/${user}/${below}` };
    const responses = shown.slice(0, Math.min(limit, cutAt)).map(({ bytes, node }) => {
      const isCollection = node.children !== null;
      const properties = { ...markerOf(node), isCollection, sizeBytes: node.sizeBytes, owncloud: undefined };
      return writeResponse(writeHref(bytes, isCollection, 'path', shownAt), properties, APACHE_PROPERTIES);
    });
    const foreign = isForeign ? '<d:response><d:href>/remote.php/dav/files/lab/x.ova</d:href></d:response>' : '';
    return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">${responses.join('')}${foreign}</d:multistatus>`;
  };

  return {
    set(next) {
      if (next.isStale === true) known = entries();
      fault = next;
    },
    answer({ method, target, body }) {
      const place = placeNow();
      if (place === null || target !== `${place.root}dav/`) return null;
      const dasl = isOffered
        ? { DASL: '<DAV:basicsearch>', Allow: 'OPTIONS, PROPFIND, SEARCH' }
        : { Allow: 'PROPFIND' };
      if (method === 'OPTIONS') return { status: fault.optionsStatus ?? 200, headers: dasl, body: '' };
      if (method !== 'SEARCH') return null;
      if (!isOffered) return { status: fault.status ?? 405, headers: dasl, body: '' };
      const scope = /<d:href>(.*?)<\/d:href>/.exec(body)?.[1];
      const status = fault.status ?? (scope === `/files/${place.user}` ? 207 : 500);
      const headers = { 'Content-Type': 'application/xml; charset="utf-8"' };
      return {
        status,
        headers,
        body: fault.body ?? (status === 207 ? Buffer.from(multistatus(body, place), 'latin1') : ''),
      };
    },
  };
}
