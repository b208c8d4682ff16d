import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exchangePassword, revokeAppPassword } from '../../../src/webdav/nextcloud/app-password.js';
import { pollLoginFlow, type StartedFlow, startLoginFlow } from '../../../src/webdav/nextcloud/login-flow.js';
import { createNextcloudClient } from '../../../src/webdav/nextcloud-client.js';
import { type SmallNextcloud, startSmallNextcloud } from '../../support/servers/small-nextcloud.js';

const signal = new AbortController().signal;
const START = 'POST index.php/login/v2';
const POLL = 'POST index.php/login/v2/poll';
const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/nextcloud/${name}.json`, import.meta.url), 'utf8');

function askAt(cloud: SmallNextcloud) {
  const client = createNextcloudClient({ userAgent: 'ovadex' });
  onTestFinished(() => client.close());
  return client.at({ url: cloud.spaces });
}

async function flowAt(folder = '') {
  const cloud = await startSmallNextcloud(folder);
  const ask = askAt(cloud);
  return { cloud, ask, start: () => startLoginFlow(ask, cloud.base, signal) };
}

const says =
  (status: number, body: string, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

describe('Login Flow v2', () => {
  it.each(['', 'nextcloud/'])('gives an app password once the user has agreed (below /%s)', async (folder) => {
    const { cloud, ask, start } = await flowAt(folder);
    const flow = (await start()) as StartedFlow;
    expect(flow.loginUrl).toContain(`${cloud.base}index.php/login/v2/flow/`);
    expect(await pollLoginFlow(ask, flow, signal)).toEqual({ pending: true });
    const appPassword = cloud.agree(flow.loginUrl, 'jm');
    const grant = { server: cloud.base.slice(0, -1), loginName: 'jm', appPassword };
    expect(await pollLoginFlow(ask, flow, signal)).toEqual({ grant });
    expect(cloud.names.get(appPassword), 'what the user sees in the settings').toBe('ovadex');
    expect(await pollLoginFlow(ask, flow, signal)).toEqual({ pending: true });
  });

  it('understands what a genuine one answers', async () => {
    const { cloud, ask, start } = await flowAt();
    const body = recorded('login-v2-start').replaceAll('http:\\/\\/127.0.0.1:21000\\/', cloud.base);
    cloud.answers.set(START, says(200, body));
    const flow = (await start()) as StartedFlow;
    expect(flow).toEqual({
      loginUrl: `${cloud.base}index.php/login/v2/flow/MASKED`,
      pollToken: 'MASKED',
      pollPath: '/index.php/login/v2/poll',
    });
    cloud.answers.set(POLL, says(404, recorded('login-v2-poll-pending')));
    expect(await pollLoginFlow(ask, flow, signal)).toEqual({ pending: true });
  });

  const answered = (base: string, more: object = {}) => ({
    poll: { token: 't', endpoint: `${base}index.php/login/v2/poll` },
    login: `${base}index.php/login/v2/flow/x`,
    ...more,
  });

  it.each<[string, (base: string) => object, RegExp]>([
    [
      'polled elsewhere',
      (base) => answered(base, { poll: { token: 't', endpoint: 'https://evil.example/p' } }),
      /its endpoint lies at https:\/\/evil.example and not below/,
    ],
    [
      'agreed to elsewhere',
      (base) => answered(base, { login: 'https://evil.example/x' }),
      /its login lies at https:\/\/evil.example/,
    ],
    ['agreed to by a script', (base) => answered(base, { login: 'javascript:alert(1)' }), /its login lies at null/],
    ['below other folders', (base) => answered(base, { login: `${base.replace('/nc/', '/')}x` }), /its login lies at/],
    ['without a token', (base) => answered(base, { poll: { endpoint: `${base}p` } }), /something unexpected/],
    [
      'with a token of the wrong type',
      (base) => answered(base, { poll: { token: 7, endpoint: `${base}p` } }),
      /unexpected/,
    ],
  ])('is refused if it is to be %s', async (_case, answer, expected) => {
    const { cloud, start } = await flowAt('nc/');
    cloud.answers.set(START, says(200, JSON.stringify(answer(cloud.base))));
    expect(await start()).toEqual({ trouble: expect.stringMatching(expected) as string });
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error', says(500, 'broken'), /it answered 500/],
    [
      'a redirect',
      says(302, '', { Location: 'https://evil.example/' }),
      /it answered 302 Found to https:\/\/evil.example/,
    ],
    ['a page', says(200, '<html>'), /it answered 200 with something unexpected/],
    ['an endless body', says(200, `"${'x'.repeat(200_000)}"`), /something unexpected/],
    ['no HTTP', (response) => void response.socket?.end('220 hello\r\n'), /not HTTP|closed/],
  ])('tells of %s', async (_case, answer, expected) => {
    const { cloud, start } = await flowAt();
    cloud.answers.set(START, answer);
    expect(await start()).toEqual({ trouble: expect.stringMatching(expected) as string });
  });

  it('never shows the secret of a poll', async () => {
    const { cloud, ask, start } = await flowAt();
    const flow = (await start()) as StartedFlow;
    cloud.answers.set(POLL, says(400, `<s:message>bad token ${flow.pollToken}</s:message>`));
    const answer = await pollLoginFlow(ask, flow, signal);
    expect(JSON.stringify(answer)).not.toContain(flow.pollToken);
  });
});

describe('an app password', () => {
  it('is given for the real password, and revoked with itself', async () => {
    const { cloud, ask } = await flowAt();
    const real = { username: 'jm', password: 'real-of-jm' };
    const exchanged = await exchangePassword(ask, cloud.base, real, signal);
    const appPassword = 'appPassword' in exchanged ? exchanged.appPassword : '';
    expect(cloud.appPasswords.get(appPassword)).toBe('jm');
    const app = { username: 'jm', password: appPassword };
    expect(await exchangePassword(ask, cloud.base, app, signal)).toMatchObject({ failure: 'not-exchanged' });
    expect(await revokeAppPassword(ask, cloud.base, app, signal)).toEqual({ outcome: 'revoked' });
    expect(cloud.appPasswords.size).toBe(0);
    expect(await revokeAppPassword(ask, cloud.base, app, signal)).toEqual({ outcome: 'gone' });
  });

  it.each([
    [503, 'unavailable'],
    [429, 'unavailable'],
    [401, 'not-exchanged'],
    [404, 'not-exchanged'],
  ])('is not given with %i: %s', async (status, failure) => {
    const { cloud, ask } = await flowAt();
    cloud.answers.set('GET ocs/v2.php/core/getapppassword', says(status, ''));
    const account = { username: 'jm', password: 'real-of-jm' };
    expect(await exchangePassword(ask, cloud.base, account, signal)).toMatchObject({ failure });
    cloud.answers.set('DELETE ocs/v2.php/core/apppassword', says(503, ''));
    expect(await revokeAppPassword(ask, cloud.base, account, signal)).toMatchObject({ outcome: 'failed' });
  });

  it('is never shown if a page repeats it', async () => {
    const { cloud, ask } = await flowAt();
    const account = { username: 'jm', password: 'real-of-jm' };
    cloud.answers.set('GET ocs/v2.php/core/getapppassword', says(500, '<s:message>real-of-jm is wrong</s:message>'));
    const answer = await exchangePassword(ask, cloud.base, account, signal);
    expect(JSON.stringify(answer)).not.toContain('real-of-jm');
  });
});
