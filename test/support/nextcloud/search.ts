import { type CloudAccount, randomToken } from './accounts.js';
import { type CloudAnswer, sabreError } from './answer.js';
import type { CloudPlace } from './node.js';
import { encodePath, multistatus, propertyOf } from './properties.js';
import { type BasicSearch, type Condition, readBasicSearch } from './search-query.js';

/** How SEARCH goes wrong without saying so, or says so. */
export interface SearchFaults {
  /** Not offered: OPTIONS doesn't name it, and it is answered as an unknown method. */
  readonly isOff?: boolean;
  /** Never more results than these, whatever was asked for; nothing tells. */
  readonly cutAt?: number;
  /** Paths within the home that the cache has lost. */
  readonly hidden?: readonly string[];
  /** Answers 500. */
  readonly fails?: boolean;
  /** Answers what was there when this was set. */
  readonly isStale?: boolean;
}

export interface SearchScene {
  readonly account: CloudAccount;
  /** The body of the request. */
  readonly body: string;
  readonly faults: SearchFaults;
  readonly fingerprint: string;
  /** What stood at each path of a user when the cache went stale; null while it is fresh. */
  readonly frozen: readonly CloudPlace[] | null;
}

const INVALID = 'InvalidArgumentException';

/** Answers from the file cache, mounts included; others' folders are no scope. */
export function answerSearch({ account, body, faults, fingerprint, frozen }: SearchScene): CloudAnswer {
  if (faults.fails === true) {
    return sabreError(
      500,
      'Doctrine\\DBAL\\Exception\\ConnectionLost',
      'An exception occurred while executing a query',
    );
  }
  const query = readBasicSearch(body);
  if (query === null) {
    return plain(400, 'Unexpected xml content for search request, expected basicsearch');
  }
  const [scope] = query.scopes;
  if (scope === undefined) return sabreError(500, INVALID, 'You need to specify a scope for the search.');
  const [root, user, ...segments] = scope.href.split('/').filter((segment) => segment !== '');
  const path = segments.map(decodeURIComponent).join('/');
  const place = user === account.name && root === 'files' ? account.space.find(path) : null;
  if (user !== account.name || root !== 'files' || place?.node.children === null) {
    return sabreError(500, INVALID, 'Search is only supported on directories');
  }
  if (place === null) {
    return sabreError(404, 'Sabre\\DAV\\Exception\\NotFound', `File with name /${path} could not be located`);
  }
  const results = resultsOf(account, query, path, faults, frozen);
  if (typeof results === 'string') return sabreError(500, INVALID, results);

  const entries = results.map((found) => ({
    href: encodePath(`/remote.php/dav/files/${account.name}/${found.path}${found.node.children === null ? '' : '/'}`),
    value: (name: string) => propertyOf(account.space, found, name, fingerprint),
  }));
  const id = randomToken(20);
  return {
    status: 207,
    headers: [
      ['X-Request-Id', id],
      ['X-Debug-Token', id],
    ],
    type: 'application/xml; charset="utf-8"',
    body: multistatus(entries, query.select, false),
    isChunked: true,
  };
}

const plain = (status: number, body: string): CloudAnswer => ({ status, type: 'text/html; charset=UTF-8', body });

function resultsOf(
  account: CloudAccount,
  query: BasicSearch,
  path: string,
  { cutAt = Number.POSITIVE_INFINITY, hidden = [] }: SearchFaults,
  frozen: readonly CloudPlace[] | null,
): readonly CloudPlace[] | string {
  const { where, orderBy, limit, offset } = query;
  const isHidden = ({ path: at }: CloudPlace) => hidden.some((lost) => at === lost || at.startsWith(`${lost}/`));
  const unknown = where === null ? undefined : unsupported(where);
  if (unknown !== undefined) return `Unsupported property for search or order: ${unknown}`;
  const isWithin = ({ path: at }: CloudPlace) => path === '' || at.startsWith(`${path}/`);
  const everything = frozen?.filter(isWithin) ?? account.space.everything(path);
  const found = everything.filter((place) => !isHidden(place) && (where === null || holds(where, place)));
  const sorted = [...found].sort((one, other) => {
    for (const { property, isDescending } of orderBy) {
      const order = compare(columnOf(one, property), columnOf(other, property));
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
  return sorted.slice(offset, offset + Math.min(cutAt, limit === 0 ? Number.POSITIVE_INFINITY : limit));
}

const compare = (one: string | number, other: string | number) => (one < other ? -1 : Number(one > other));

function columnOf({ node }: CloudPlace, property: string): string | number {
  switch (property) {
    case '{DAV:}displayname':
      return node.name;
    case '{DAV:}getlastmodified':
      return Math.floor(node.modifiedAt / 1000);
    case '{http://owncloud.org/ns}size':
      return node.sizeBytes;
    case '{http://owncloud.org/ns}fileid':
      return node.id;
    default:
      return '';
  }
}

const SEARCHABLE: readonly (string | null)[] = [
  '{DAV:}displayname',
  '{DAV:}getlastmodified',
  '{http://owncloud.org/ns}size',
  '{http://owncloud.org/ns}fileid',
];

function unsupported({ operator, conditions, property }: Condition): string | undefined {
  if (operator === '{DAV:}is-collection') return undefined;
  if (conditions.length === 0) return SEARCHABLE.includes(property) ? undefined : `${property}`;
  return conditions.map(unsupported).find((name) => name !== undefined);
}

function holds({ operator, conditions, property, literal }: Condition, place: CloudPlace): boolean {
  switch (operator) {
    case '{DAV:}and':
      return conditions.every((condition) => holds(condition, place));
    case '{DAV:}or':
      return conditions.some((condition) => holds(condition, place));
    case '{DAV:}not':
      return !conditions.some((condition) => holds(condition, place));
    case '{DAV:}is-collection':
      return place.node.children !== null;
  }
  const value = columnOf(place, property ?? '');
  const wanted = typeof value === 'number' ? Number(literal) : literal;
  const order = compare(value, wanted);
  switch (operator) {
    case '{DAV:}eq':
      return order === 0;
    case '{DAV:}gt':
      return order > 0;
    case '{DAV:}gte':
      return order >= 0;
    case '{DAV:}lt':
      return order < 0;
    case '{DAV:}lte':
      return order <= 0;
    default:
      return operator === '{DAV:}like' && isLike(`${value}`, literal);
  }
}

/** SQL's LIKE in any case: `%` is anything, `_` one character. */
function isLike(value: string, pattern: string): boolean {
  const source = [...pattern].map((sign) => (sign === '%' ? '.*' : sign === '_' ? '.' : sign.replace(/\W/u, '\\$&')));
  return new RegExp(`^${source.join('')}$`, 'isu').test(value);
}
