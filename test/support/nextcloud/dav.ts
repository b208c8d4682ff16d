import { type CloudAccount, randomToken } from './accounts.js';
import { type CloudAnswer, type Headers, sabreError, xmlAnswer } from './answer.js';
import type { Admission } from './login.js';
import type { CloudPlace } from './node.js';
import { ALL_PROPERTIES, encodePath, multistatus, propertyOf, requestedProperties } from './properties.js';
import type { CloudRequest } from './request.js';
import { answerSearch, type SearchFaults } from './search.js';

export interface DavScene {
  readonly request: CloudRequest;
  readonly admission: Admission;
  readonly fingerprint: string;
  readonly searchFaults: SearchFaults;
  readonly frozen: readonly CloudPlace[] | null;
  /** An external storage is looked at when one of its folders is listed. */
  readonly lookAt: (place: CloudPlace) => void;
}

const CLASSES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar';
const OLD_CLASSES = '1, 3, extended-mkcol, nextcloud-checksum-update';
const METHODS = 'OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT';
const ids = (): Headers => {
  const id = randomToken(20);
  return [
    ['X-Request-Id', id],
    ['X-Debug-Token', id],
  ];
};
const REFUSAL =
  "No public access to this resource., This request is not for a federated calendar, Username or password was incorrect, No 'Authorization: Bearer' header found. Either the client didn't send one, or the server is mis-configured, Username or password was incorrect";
const SABRE = 'Sabre\\DAV\\Exception\\';

/** `/remote.php/dav/` and the older `/remote.php/webdav/`, which is the caller's own home. */
export function answerDav(scene: DavScene): CloudAnswer {
  const { request, admission } = scene;
  if (admission.is === 'out') return refusal(admission.why);
  const isOld = request.path.startsWith('/remote.php/webdav');
  const classes: Headers = [['DAV', isOld ? OLD_CLASSES : CLASSES]];
  const target = request.path.replace(/^\/remote\.php\/(?:web)?dav\/?/, '').replace(/\/$/, '');

  switch (request.method) {
    case 'OPTIONS':
      return optionsAnswer(classes, !isOld && target === '' && scene.searchFaults.isOff !== true);
    case 'PROPFIND':
      return propfind(scene, admission.account, target, isOld, [['Vary', 'Brief,Prefer'], ...classes]);
    case 'SEARCH':
      if (isOld || target !== '' || scene.searchFaults.isOff === true) break;
      return answerSearch({
        ...scene,
        account: admission.account,
        body: request.body,
        faults: scene.searchFaults,
        // To an app password without access to files, Nextcloud mounts a storage that is empty.
        frozen: admission.appPassword?.hasFileAccess === false ? [] : scene.frozen,
      });
  }
  return sabreError(405, `${SABRE}MethodNotAllowed`, 'The method is not allowed here', [
    ...classes,
    ['Allow', METHODS],
  ]);
}

function refusal(why: 'nobody' | 'wrong' | 'throttled' | 'disabled'): CloudAnswer {
  if (why === 'throttled') return sabreError(429, 'OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests', '');
  if (why === 'disabled') {
    return sabreError(503, `${SABRE}ServiceUnavailable`, 'OC\\User\\DisabledUserException: Account disabled');
  }
  return sabreError(401, `${SABRE}NotAuthenticated`, REFUSAL, [
    ['WWW-Authenticate', 'Basic realm="Nextcloud", charset="UTF-8"'],
  ]);
}

function optionsAnswer(classes: Headers, hasSearch: boolean): CloudAnswer {
  const search: Headers = hasSearch ? [['DASL', '<DAV:basicsearch>']] : [];
  return {
    status: 200,
    headers: [
      ['Allow', hasSearch ? `${METHODS}, SEARCH` : METHODS],
      ...classes,
      ['MS-Author-Via', 'DAV'],
      ['Accept-Ranges', 'bytes'],
      ['Content-Length', '0'],
      ...ids(),
      ...search,
    ],
    type: 'text/html; charset=UTF-8',
  };
}

function propfind(
  scene: DavScene,
  account: CloudAccount,
  target: string,
  isOld: boolean,
  headers: Headers,
): CloudAnswer {
  const { request } = scene;
  const names = request.body.trim() === '' ? ALL_PROPERTIES : requestedProperties(request.body);
  const isMinimal = /return=minimal/.test(request.header('prefer'));
  const isFlat = request.header('depth') === '0';
  const segments = target.split('/').filter((segment) => segment !== '');
  const [kind, user, ...below] = isOld ? ['files', account.name, ...segments] : segments;
  const path = below.map(decodeURIComponent).join('/');
  const answer = (entries: Parameters<typeof multistatus>[0]) =>
    xmlAnswer(multistatus(entries, names, isMinimal), [...headers, ...ids()]);
  const bare = (href: string) => ({
    href,
    value: (name: string) => (name === '{DAV:}resourcetype' ? '<d:collection/>' : null),
  });
  const missing = () =>
    sabreError(404, `${SABRE}NotFound`, `File with name ${isOld ? '' : '//'}${path} could not be located`, headers);

  if (kind === undefined) return answer([bare('/remote.php/dav/')]);
  if (kind !== 'files') return missing();
  if (user === undefined) {
    if (isFlat) return answer([bare('/remote.php/dav/files/')]);
    return sabreError(405, `${SABRE}MethodNotAllowed`, 'Listing members of this collection is disabled', [
      ...headers,
      ['Allow', METHODS],
    ]);
  }
  const base = isOld ? '/remote.php/webdav/' : `/remote.php/dav/files/${encodePath(decodeURIComponent(user))}/`;
  // Nobody reads another's files: the folder alone shows, whether or not there is such a user.
  if (decodeURIComponent(user) !== account.name) return path === '' ? answer([bare(base)]) : missing();
  if (scene.admission.is === 'in' && scene.admission.appPassword?.hasFileAccess === false) {
    if (path !== '') return missing();
    return answer([
      { href: base, value: (name) => (name === '{DAV:}getetag' ? '&quot;&quot;' : bare(base).value(name)) },
    ]);
  }

  const first = account.space.find(path);
  if (first === null) return missing();
  scene.lookAt(first);
  const place = account.space.find(path);
  if (place === null) return missing();
  const entryOf = (shown: CloudPlace) => ({
    href: `${base}${encodePath(shown.path)}${shown.node.children === null || shown.path === '' ? '' : '/'}`,
    value: (name: string) => propertyOf(account.space, shown, name, scene.fingerprint),
  });
  return answer([place, ...(isFlat ? [] : account.space.members(place))].map(entryOf));
}
