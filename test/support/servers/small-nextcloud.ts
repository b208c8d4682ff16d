import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { noteAccount, noteSecret } from '../secrets.js';

/** As much of a Nextcloud as links need: accounts, app passwords, Login Flow v2, and each user's files. */
export interface SmallNextcloud {
  /** Its base URL, which ends in a slash. */
  readonly base: string;
  /** The template of its users' spaces. */
  readonly spaces: string;
  /** Users and their real passwords. */
  readonly accounts: Map<string, string>;
  /** App passwords that are good, and whose they are. */
  readonly appPasswords: Map<string, string>;
  /** Every request: method, path, and the user that it was for, or `-`. */
  readonly requests: string[];
  /** Answers instead of the usual ones, by `METHOD path`. */
  readonly answers: Map<string, (response: ServerResponse) => void>;
  /** The user agrees in the browser to the log-in at this address. */
  agree(loginUrl: string, loginName: string, given?: { readonly server?: string }): string;
  /** Agents of the app passwords, as their user sees them. */
  readonly names: Map<string, string>;
}

interface Flow {
  readonly pollToken: string;
  readonly agent: string;
  grant: { server: string; loginName: string; appPassword: string } | null;
}

export async function startSmallNextcloud(folder = ''): Promise<SmallNextcloud> {
  const accounts = new Map([
    ['jm', 'real-of-jm'],
    ['lab', 'real-of-lab'],
  ]);
  const appPasswords = new Map<string, string>();
  const names = new Map<string, string>();
  const requests: string[] = [];
  const answers: SmallNextcloud['answers'] = new Map();
  const flows = new Map<string, Flow>();
  let base = '';
  for (const [user, password] of accounts) noteAccount(user, password);

  const mint = (user: string, agent: string) => {
    const secret = `app-${randomBytes(24).toString('base64url')}`;
    appPasswords.set(secret, user);
    names.set(secret, agent);
    noteAccount(user, secret);
    return secret;
  };
  const json = (response: ServerResponse, status: number, value: unknown) => {
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
  };
  const ocs = (response: ServerResponse, status: number, data: unknown = []) =>
    json(response, status, { ocs: { meta: { status: status < 300 ? 'ok' : 'failure', statuscode: status }, data } });

  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { method = '', url = '' } = request;
    const [user = '', ...rest] = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':');
    const password = rest.join(':');
    const isReal = accounts.get(user) === password && password !== '';
    const isApp = appPasswords.get(password) === user;
    const path = url.slice(folder.length + 1);
    requests.push(`${method} ${path} ${user || '-'}`);
    const agent = request.headers['user-agent'] ?? '';
    const scripted = answers.get(`${method} ${path}`);
    if (scripted !== undefined) return scripted(response);
    if (method === 'POST' && path === 'index.php/login/v2') {
      const [id, pollToken] = [randomBytes(8).toString('hex'), randomBytes(64).toString('base64url')];
      noteSecret(pollToken);
      flows.set(id, { pollToken, agent, grant: null });
      const poll = { token: pollToken, endpoint: `${base}index.php/login/v2/poll` };
      return json(response, 200, { poll, login: `${base}index.php/login/v2/flow/${id}` });
    }
    if (method === 'POST' && path === 'index.php/login/v2/poll') {
      const token = new URLSearchParams(body).get('token');
      const [id, flow] = [...flows].find(([, each]) => each.pollToken === token) ?? [];
      if (id === undefined || flow === undefined || flow.grant === null) return json(response, 404, []);
      flows.delete(id);
      return json(response, 200, flow.grant);
    }
    if (path.startsWith('ocs/v2.php/core/')) {
      if (request.headers['ocs-apirequest'] !== 'true') return ocs(response, 412);
      if (!isReal && !isApp) return ocs(response, 401);
      if (method === 'GET' && path.endsWith('/getapppassword')) {
        return isReal ? ocs(response, 200, { apppassword: mint(user, agent) }) : ocs(response, 403);
      }
      if (method === 'DELETE' && path.endsWith('/apppassword')) {
        return isApp && appPasswords.delete(password) ? ocs(response, 200) : ocs(response, 403);
      }
    }
    if (method !== 'PROPFIND') return json(response, 405, []);
    if (!isReal && !isApp) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Nextcloud"' }).end();
      return;
    }
    const root = `/${folder}remote.php/dav/files/${encodeURIComponent(user)}/`;
    const entry = (href: string, props: string) =>
      `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
    const marker =
      '<d:getetag>&quot;r1&quot;</d:getetag><d:getlastmodified>Thu, 01 Oct 2026 10:00:00 GMT</d:getlastmodified>';
    const file = entry(`${root}${user}.ova`, `<d:resourcetype/><d:getcontentlength>9</d:getcontentlength>${marker}`);
    const own = entry(root, `<d:resourcetype><d:collection/></d:resourcetype>${marker}`);
    const all = request.headers['depth'] === '0' ? own : own + file;
    response.writeHead(207, { 'Content-Type': 'application/xml; charset=utf-8', Date: new Date().toUTCString() });
    response.end(`<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">${all}</d:multistatus>`);
  };

  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${folder}`;
  return {
    base,
    spaces: `${base}remote.php/dav/files/{user}/`,
    accounts,
    appPasswords,
    requests,
    answers,
    names,
    agree(loginUrl, loginName, { server: named = base.slice(0, -1) } = {}) {
      const flow = flows.get(loginUrl.split('/').at(-1) ?? '');
      if (flow === undefined) throw new Error(`there is no log-in at ${loginUrl}`);
      const appPassword = mint(loginName, flow.agent);
      flow.grant = { server: named, loginName, appPassword };
      return appPassword;
    },
  };
}
