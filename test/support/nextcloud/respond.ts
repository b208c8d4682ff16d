import { randomToken } from './accounts.js';
import { type CloudAnswer, type Headers, jsonAnswer, pageAnswer, sabreError } from './answer.js';
import { answerDav, type DavScene } from './dav.js';
import { type Admission, admit, type LogInParts } from './login.js';
import type { LoginFlows } from './login-flow.js';
import { answerOcs } from './ocs.js';
import type { CloudRequest } from './request.js';
import { lacksSameSiteCookies, sameSiteCookies } from './sessions.js';

/** What of a cloud an answer depends on, as it stands at the time of the request. */
export interface RespondParts extends LogInParts {
  readonly instanceId: string;
  readonly flows: LoginFlows;
  readonly isInMaintenance: () => boolean;
  readonly baseUrl: () => string;
  readonly davScene: (request: CloudRequest, admission: Admission) => DavScene;
}

export interface Response {
  readonly front: Headers;
  readonly answer: CloudAnswer;
  readonly admission: Admission | null;
}

const SECURITY: Headers = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'SAMEORIGIN'],
  ['X-Permitted-Cross-Domain-Policies', 'none'],
  ['X-Robots-Tag', 'noindex, nofollow'],
  ['Referrer-Policy', 'no-referrer'],
];
const DAV_POLICY = "default-src 'none';";
const JSON_POLICY = "default-src 'none';base-uri 'none';manifest-src 'self';frame-ancestors 'none'";
const pagePolicy = () =>
  `default-src 'self'; script-src 'self' 'nonce-${randomToken(43)}='; style-src 'self' 'unsafe-inline'; frame-src *; img-src * data: blob:; font-src 'self' data:; media-src *; connect-src *; object-src 'none'; base-uri 'self';`;

/** Which of Nextcloud's scripts answers, after the session is opened and who asks is known. */
export function respond(parts: RespondParts, request: CloudRequest): Response {
  const { instanceId, sessions, flows, isInMaintenance, baseUrl, now } = parts;
  const start: Headers = [['Date', new Date(now()).toUTCString()], ['Server', 'Apache/2.4.71 (Debian)'], ...SECURITY];
  const samePage = sameSiteCookies(request);
  if (request.path === '/status.php') {
    const front: Headers = [...start, ['Content-Security-Policy', pagePolicy()], ...samePage];
    return { front, answer: statusAnswer(isInMaintenance()), admission: null };
  }
  const { session, isNew } = sessions.open(request);
  const opened = sessions.cookies(session, isNew);
  const front = (policy: string, renewed: Headers): Headers => [
    ...start,
    ...opened,
    ['Content-Security-Policy', policy],
    ...samePage,
    ...opened.slice(-1),
    ...renewed,
  ];
  const isDav = request.path.startsWith('/remote.php/');
  const isOcs = request.path.startsWith('/ocs/');

  if (isInMaintenance())
    return { front: front(DAV_POLICY, []), answer: maintenanceAnswer(isDav, isOcs), admission: null };
  if ((isDav || isOcs) && lacksSameSiteCookies(request, instanceId)) {
    const answer = {
      ...jsonAnswer(412, { error: 'Strict Cookie has not been found in request' }),
      type: 'application/json',
    };
    return { front: front(DAV_POLICY, []), answer, admission: null };
  }
  if (isDav || isOcs) {
    const admission = admit(parts, request, session);
    const answer = isDav
      ? answerDav(parts.davScene(request, admission))
      : answerOcs(request, admission, parts.accounts);
    return { front: front(isDav ? DAV_POLICY : JSON_POLICY, admission.headers), answer, admission };
  }
  if (/^(?:\/index\.php)?\/login\/v2(?:\/|$)/.test(request.path)) {
    return { front: front(JSON_POLICY, []), answer: flows.answer(request, session, baseUrl()), admission: null };
  }
  return { front: front(pagePolicy(), []), answer: pageAnswer(404, 'Nextcloud', 'Page not found'), admission: null };
}

function statusAnswer(isInMaintenance: boolean): CloudAnswer {
  const status = {
    installed: true,
    maintenance: isInMaintenance,
    needsDbUpgrade: false,
    version: '32.0.1.2',
    versionstring: '32.0.1',
    edition: '',
    productname: 'Nextcloud',
    extendedSupport: false,
  };
  const headers: Headers = [['Access-Control-Allow-Origin', '*']];
  return { ...jsonAnswer(200, status, headers), type: 'application/json' };
}

function maintenanceAnswer(isDav: boolean, isOcs: boolean): CloudAnswer {
  if (isDav) {
    return sabreError(503, 'OCA\\DAV\\Exception\\ServerMaintenanceMode', 'System is in maintenance mode.');
  }
  const headers: Headers = [['X-Nextcloud-Maintenance-Mode', '1']];
  if (!isOcs) return pageAnswer(503, 'Nextcloud', 'This Nextcloud instance is currently in maintenance mode', headers);
  const meta = { status: 'failure', statuscode: 503, message: 'Service unavailable', totalitems: '', itemsperpage: '' };
  return jsonAnswer(503, { ocs: { meta, data: [] } }, headers);
}
