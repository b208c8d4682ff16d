import { expect, it, onTestFinished, vi } from 'vitest';
import { createLinkFlows } from '../../src/app/link-flows.js';
import type { LinkGrant, LinkOrigin } from '../../src/domain/model/link.js';
import { quietLogger } from '../support/quiet-logger.js';

it('revokes what a storage gives while the user gives up', async () => {
  const base = 'https://cloud.example.org/';
  const origin: LinkOrigin = { url: `${base}remote.php/dav/files/{user}/`, loginName: '{user}' };
  const grant: LinkGrant = { server: base, loginName: 'jm', appPassword: 'app' };
  const started = { poll: { token: 't', endpoint: `${base}poll` }, login: `${base}login` };
  const given: string[] = [];
  let now = 0;
  const flows = createLinkFlows({
    cloudAt:
      () =>
      async ({ path }) => {
        if (path === '/poll') flows.cancel('jm');
        return { status: 200, detail: '', json: path === '/poll' ? grant : started };
      },
    onGrant: async () => void given.push('granted'),
    onUnwanted: async (_, { appPassword }) => void given.push(`unwanted ${appPassword}`),
    onExpired: () => undefined,
    clock: () => now,
    async sleep(ms) {
      now += ms;
    },
    logger: quietLogger,
  });
  onTestFinished(() => flows.stop());
  await flows.begin('jm', origin, new AbortController().signal);
  await vi.waitFor(() => expect(given).toEqual(['unwanted app']));
});
