import type { Credentials } from '../model/space.js';
import type { RootTrouble } from '../reconcile/unmarked-root.js';
import { RENEW_LINK } from './finding.js';

const ADVICE: Readonly<Partial<Record<RootTrouble['failure'], string>>> = {
  unauthorized: 'correct its auth settings; a suspended space then resumes by itself',
  forbidden: 'give this account the right to read there, or use another one',
  'not-found': 'correct its url, or remove it from the configuration',
  rejected: 'correct its url: it must be that of a WebDAV folder',
  busy: 'wait, and lower crawl.requestsPerHost; Nextcloud refuses every log-in from an address after ten failed ones in half an hour: put the address of ovadex on the allow-list of its brute-force protection (and among its trusted_proxies if auth.forwardClientAddress names it), and correct the credentials that it refuses',
  maintenance:
    'wait for its end (Nextcloud: occ maintenance:mode --off); its spaces then go on by themselves within a minute',
  unmarked:
    'correct its auth settings: use an app password made by the user, with access to files; a service account sees nothing',
  redirected: 'put the URL that it redirects to into the configuration',
  timeout: 'check the storage; crawl.timeouts says how long to wait for it',
  unreachable:
    'check that the storage is up, that its name resolves here, and that firewall, proxy and certificates allow the connection',
  'foreign-href':
    'compare its url with the paths in the answers of the storage: case matters, and a proxy in front must pass paths on unchanged',
  malformed: 'check the scheme, host and port of its url: what answers there speaks broken HTTP, or none',
  'not-multistatus': 'correct its url: what answers there is not a WebDAV server, or is a portal in front of it',
  status:
    'check that its url is that of a WebDAV folder (a 501 comes from a server without WebDAV), and see the log of the storage',
};
const USUAL_ADVICE = 'see the log of the storage; the list stays unchanged until this is resolved';
const UNLISTABLE_ADVICE =
  'discover from a WebDAV folder that may be listed; Nextcloud lists its users to administrators alone: use discover with ocs, or a folder of credentials';

/** Returns what to do about the root of a space or a discovery that can't be used. `isLinked`: its user has connected it. */
export function adviceOnRoot(
  failure: RootTrouble['failure'],
  kind: 'space' | 'discovery',
  auth?: Credentials,
  isLinked = false,
): string {
  if (failure === 'unauthorized' && isLinked) return RENEW_LINK;
  if (kind === 'discovery' && failure === 'rejected') return UNLISTABLE_ADVICE;
  if (failure === 'unauthorized' && auth?.type === 'none') return 'give it auth: it sends no credentials';
  const usual = ADVICE[failure] ?? USUAL_ADVICE;
  return failure === 'unauthorized' && auth !== undefined ? `${usual} (its auth.type is ${auth.type})` : usual;
}
