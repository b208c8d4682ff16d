import { askPlainly, type PlainAnswer } from '../plain-http.js';
import type { Nextcloud } from './cloud.js';

export interface SearchOptions {
  /** Below the home; all of it where not given. */
  readonly scope?: string;
  readonly limit?: number;
  readonly offset?: number;
  /** A property with its prefix. */
  readonly orderBy?: string;
}

const like = (pattern: string) => `<d:like><d:prop><d:displayname/></d:prop><d:literal>${pattern}</d:literal></d:like>`;

/** A user's SEARCH for images, with the real password. */
export function searchFor(cloud: Nextcloud, name: string, options: SearchOptions = {}): Promise<PlainAnswer> {
  const { scope = '', limit = 10_000, offset = 0, orderBy } = options;
  const order =
    orderBy === undefined
      ? ''
      : `<d:orderby><d:order><d:prop><${orderBy}/></d:prop><d:ascending/></d:order></d:orderby>`;
  const body = `<d:searchrequest xmlns:d="DAV:" xmlns:sd="https://github.com/icewind1991/SearchDAV/ns"><d:basicsearch><d:select><d:prop><d:displayname/><d:getetag/></d:prop></d:select><d:from><d:scope><d:href>/files/${name}/${scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:or>${like('%.ova')}${like('%.ovf')}</d:or></d:where>${order}<d:limit><d:nresults>${limit}</d:nresults><sd:firstresult>${offset}</sd:firstresult></d:limit></d:basicsearch></d:searchrequest>`;
  const { password } = cloud.user(name).account;
  const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  return askPlainly(`${cloud.url}/remote.php/dav/`, { method: 'SEARCH', headers: { Authorization }, body });
}
