import type { CloudAccount, CloudAccounts } from './accounts.js';
import { type CloudAnswer, escapeText, jsonAnswer } from './answer.js';
import type { Admission } from './login.js';
import type { CloudRequest } from './request.js';

/** What an endpoint of OCS has to say; `status` as the second version says it in HTTP. */
interface OcsResult {
  readonly status: number;
  readonly message?: string;
  readonly data?: unknown;
}

const UNAUTHORISED = 997;

/** Whether the request may be looked at without a log-in: OCS wants its header, which browsers send for nobody else. */
export const lacksOcsHeader = (request: CloudRequest) => request.header('OCS-APIRequest') !== 'true';

export function answerOcs(request: CloudRequest, admission: Admission, accounts: CloudAccounts): CloudAnswer {
  const [, version = '2', endpoint = ''] = /^\/ocs\/v([12])\.php\/(.*?)\/?$/.exec(request.path) ?? [];
  const isFirst = version === '1';
  const result = resultOf(request, endpoint, admission, accounts);
  if (result === 'lacks header') return jsonAnswer(412, { message: 'CSRF check failed' });

  const { status, message = '', data = [] } = result;
  const isOk = status === 200;
  const meta = {
    status: isOk ? 'ok' : 'failure',
    statuscode: isOk && isFirst ? 100 : status,
    message: isOk ? 'OK' : message,
    ...(isFirst ? { totalitems: '', itemsperpage: '' } : {}),
  };
  const httpStatus = status === UNAUTHORISED ? 401 : isFirst ? 200 : status === 998 ? 404 : status;
  if (request.query.get('format') === 'json' || /application\/json/.test(request.header('accept'))) {
    return jsonAnswer(httpStatus, { ocs: { meta, data } });
  }
  const body = `<?xml version="1.0"?>\n<ocs>\n <meta>${elements(meta)}</meta>\n <data>${elements(data)}</data>\n</ocs>\n`;
  return { status: httpStatus, type: 'application/xml; charset=utf-8', body };
}

function elements(value: unknown): string {
  if (typeof value !== 'object' || value === null) return escapeText(`${value}`);
  const isList = Array.isArray(value);
  return Object.entries(value)
    .map(([key, inner]) => {
      const name = isList ? 'element' : key;
      return `<${name}>${elements(inner)}</${name}>`;
    })
    .join('');
}

function resultOf(
  request: CloudRequest,
  endpoint: string,
  admission: Admission,
  accounts: CloudAccounts,
): OcsResult | 'lacks header' {
  if (admission.is === 'out' && admission.why === 'throttled') return { status: 429, message: 'Reached maximum delay' };
  if (admission.is === 'out' && admission.why === 'disabled') return { status: UNAUTHORISED, message: 'Unauthorised' };
  const known = ['cloud/users', 'core/getapppassword', 'core/apppassword'];
  const [, group = null] = /^cloud\/groups\/(.+)\/users$/.exec(endpoint) ?? [];
  if (!known.includes(endpoint) && group === null)
    return { status: 998, message: 'Invalid query, please check the syntax.' };
  if (admission.is === 'out') return { status: UNAUTHORISED, message: 'Current user is not logged in' };
  if (lacksOcsHeader(request)) return 'lacks header';

  const { account, appPassword } = admission;
  if (group !== null) return usersOfGroup(decodeURIComponent(group), account, accounts);
  switch (`${request.method} ${endpoint}`) {
    case 'GET cloud/users':
      if (!account.isAdmin) return { status: 403, message: 'Logged in account must be an admin or sub admin' };
      return { status: 200, data: { users: usersOf(request.query, accounts) } };
    case 'GET core/getapppassword': {
      if (appPassword !== null) {
        return { status: 403, message: 'You cannot request an new apppassword with an apppassword' };
      }
      const { secret } = accounts.mint(account.name, request.header('user-agent'), account.password);
      return { status: 200, data: { apppassword: secret } };
    }
    case 'DELETE core/apppassword':
      if (appPassword === null) return { status: 403, message: 'no app password in use' };
      accounts.revoke(appPassword.secret);
      return { status: 200 };
    default:
      return { status: 405 };
  }
}

/** All of them at once. */
function usersOfGroup(group: string, { isAdmin }: CloudAccount, accounts: CloudAccounts): OcsResult {
  const users = [...accounts.users.values()].filter((each) => each.groups.has(group)).map(({ name }) => name);
  if (users.length > 0 && isAdmin) return { status: 200, data: { users } };
  return { status: 998, message: 'The requested group could not be found' };
}

function usersOf(query: URLSearchParams, accounts: CloudAccounts): readonly string[] {
  const text = (query.get('search') ?? '').toLowerCase();
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
  const isFound = (words: string) => words.toLowerCase().includes(text);
  const found = [...accounts.users.values()].filter(({ name, displayName }) => isFound(name) || isFound(displayName));
  const page: string[] = [];
  for (const backend of new Set(found.map((account) => account.backend))) {
    const names = found.filter((account) => account.backend === backend).map(({ name }) => name);
    names.sort((one, other) => (one < other ? -1 : 1));
    page.push(...names.slice(offset, offset + limit));
  }
  return page.sort((one, other) => (one < other ? -1 : 1));
}
