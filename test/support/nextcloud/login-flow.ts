import { noteSecret } from '../secrets.js';
import { type CloudAccounts, randomToken } from './accounts.js';
import { type CloudAnswer, type Headers, jsonAnswer, pageAnswer } from './answer.js';
import type { CloudRequest } from './request.js';
import type { CloudSession } from './sessions.js';

interface Flow {
  readonly pollToken: string;
  readonly loginToken: string;
  readonly client: string;
  readonly startedAt: number;
  granted: { readonly user: string; readonly secret: string } | null;
}

/** Login Flow v2: a program gets an app password that its user grants in a browser. */
export interface LoginFlows {
  answer(request: CloudRequest, session: CloudSession, baseUrl: string): CloudAnswer;
  /** Flows that wait to be granted. */
  readonly waiting: number;
}

/** Whoever comes later finds nothing. */
const LIFETIME_MS = 20 * 60_000;
const PLACE = '/index.php/login/v2';

export function createLoginFlows(accounts: CloudAccounts, now: () => number): LoginFlows {
  const flows = new Set<Flow>();
  const find = (isIt: (flow: Flow) => boolean) => {
    for (const flow of flows) if (flow.startedAt < now() - LIFETIME_MS) flows.delete(flow);
    return [...flows].find(isIt);
  };

  const start = (request: CloudRequest, baseUrl: string) => {
    const flow: Flow = {
      pollToken: randomToken(128),
      loginToken: randomToken(128),
      client: request.header('user-agent'),
      startedAt: now(),
      granted: null,
    };
    noteSecret(flow.pollToken);
    flows.add(flow);
    const poll = { token: flow.pollToken, endpoint: `${baseUrl}${PLACE}/poll` };
    return json(200, { poll, login: `${baseUrl}${PLACE}/flow/${flow.loginToken}` });
  };
  const poll = (request: CloudRequest, baseUrl: string) => {
    const token = fieldsOf(request).get('token') ?? '';
    const flow = find(({ pollToken }) => pollToken === token);
    if (flow === undefined || flow.granted === null) return json(404, []);
    flows.delete(flow);
    return json(200, { server: baseUrl, loginName: flow.granted.user, appPassword: flow.granted.secret });
  };
  const land = (session: CloudSession, token: string): CloudAnswer => {
    if (find(({ loginToken }) => loginToken === token) === undefined) return forbidden(EXPIRED);
    session.flowToken = token;
    return { ...pageAnswer(303, 'Nextcloud', ''), headers: [['Location', `${PLACE}/flow`]] };
  };
  const page = (session: CloudSession) => {
    const flow = find(({ loginToken }) => loginToken === session.flowToken);
    if (flow === undefined) return forbidden(EXPIRED);
    session.stateToken = randomToken(64);
    // Nextcloud has its log-in page in between; here it is one form.
    const form = `<form method="post" action="${PLACE}/grant"><input type="hidden" name="stateToken" value="${session.stateToken}"/><input name="user"/><input type="password" name="password"/><button>Grant access</button></form>`;
    return pageAnswer(200, 'Connect to your account', `<p>Grant ${flow.client} access to your account</p>${form}`);
  };
  const grant = (request: CloudRequest, session: CloudSession) => {
    const fields = fieldsOf(request);
    const flow = find(({ loginToken }) => loginToken === session.flowToken);
    if (session.stateToken === null || fields.get('stateToken') !== session.stateToken) {
      return forbidden('State token does not match');
    }
    if (flow === undefined) return forbidden(EXPIRED);
    const account = accounts.users.get(fields.get('user') ?? '');
    if (account === undefined || account.password !== fields.get('password') || !account.isEnabled) {
      return forbidden('Wrong login or password.');
    }
    flow.granted = { user: account.name, secret: accounts.mint(account.name, flow.client, account.password).secret };
    session.flowToken = null;
    session.stateToken = null;
    return pageAnswer(200, 'Account connected', 'Your client should now be connected!');
  };

  return {
    get waiting() {
      return [...flows].filter(({ granted }) => granted === null).length;
    },
    answer(request, session, baseUrl) {
      const step = request.path.replace(/^(?:\/index\.php)?\/login\/v2\/?/, '');
      const [, token] = /^flow\/(\w+)$/.exec(step) ?? [];
      if (request.method === 'POST' && step === '') return start(request, baseUrl);
      if (request.method === 'POST' && step === 'poll') return poll(request, baseUrl);
      if (request.method === 'POST' && step === 'grant') return grant(request, session);
      if (request.method === 'GET' && token !== undefined) return land(session, token);
      if (request.method === 'GET' && step === 'flow') return page(session);
      return pageAnswer(404, 'Nextcloud', 'Page not found');
    },
  };
}

const EXPIRED = 'Your login token is invalid or has expired';
const forbidden = (message: string) => pageAnswer(403, 'Access forbidden', message);

function json(status: number, value: unknown): CloudAnswer {
  const headers: Headers = [
    ['X-Request-Id', randomToken(20)],
    ['Cache-Control', 'no-cache, no-store, must-revalidate'],
    [
      'Feature-Policy',
      "autoplay 'none';camera 'none';fullscreen 'none';geolocation 'none';microphone 'none';payment 'none'",
    ],
  ];
  return jsonAnswer(status, value, headers);
}

/** Of a form, of JSON, or of the query. */
function fieldsOf({ header, body, query }: CloudRequest): ReadonlyMap<string, string> | URLSearchParams {
  if (header('content-type').startsWith('application/json')) {
    try {
      return new Map(Object.entries(JSON.parse(body) as Record<string, string>));
    } catch {
      return new Map();
    }
  }
  return header('content-type').startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(body) : query;
}
