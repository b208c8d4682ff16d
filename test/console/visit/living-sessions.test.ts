import { expect, it } from 'vitest';
import { createSessions, IDLE_MS } from '../../../src/console/visit/sessions.js';

const JM = { user: 'jm', scopes: [], token: 'ovx_1', origin: 'pasted', expiresAt: null } as const;

it('tells whether a session lives without keeping it alive: a page that is only left open ends', () => {
  let now = 0;
  const sessions = createSessions({ clock: () => now });
  const { id } = sessions.begin(JM);
  now = IDLE_MS - 1;
  expect(sessions.isLiving(id)).toBe(true);
  now = IDLE_MS;
  expect(sessions.isLiving(id)).toBe(false);
  expect(sessions.isLiving('another')).toBe(false);
});
