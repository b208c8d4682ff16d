import { expect, test } from 'vitest';
import { diagnoseSpaces } from '../../../src/domain/diagnosis/diagnose-spaces.js';
import { awaitedSpace } from '../../../src/domain/lists/space-states.js';
import type { Space, SpaceTrouble } from '../../../src/domain/model/space.js';

const spaces = (host: string, count: number, changes: Partial<Space>): readonly Space[] =>
  Array.from({ length: count }, (_, i) => ({
    ...awaitedSpace({ user: `${host}${i}`, url: `http://${host}.test/${i}/` }),
    ...changes,
  }));
const trouble = (kind: SpaceTrouble['kind']): Partial<Space> => ({ trouble: { kind, message: 'why', at: 0 } });

test.each<[string, Partial<Space>, string]>([
  ['suspended', trouble('unauthorized'), 'problem'],
  ['failing', trouble('failed'), 'problem'],
  ['stale', trouble('incomplete'), 'warning'],
  ['held', { heldRemovals: 3, heldReasons: ['its root is empty'] }, 'problem'],
])('a host with thousands of spaces that are %s is told of once, with what to do', (state, changes, severity) => {
  const findings = diagnoseSpaces(spaces('a', 4_812, changes), 0);
  expect(findings).toHaveLength(1);
  const [{ subject, message, action }] = findings as [(typeof findings)[number]];
  expect(findings[0]?.severity).toBe(severity);
  expect(subject).toBe('http://a.test');
  expect(message).toMatch(/^4,812 spaces .*: "a0", "a1", "a2" and 4,809 more; (why|its root is empty)$/);
  expect(action).toContain(`ovadex spaces --state ${state}`);
});

test('a few are told one by one, and those in order not at all', () => {
  const told = [...spaces('a', 5, trouble('failed')), ...spaces('b', 6, trouble('failed')), ...spaces('c', 100, {})];
  const findings = diagnoseSpaces(told, 0);
  expect(findings.map(({ subject }) => subject)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'http://b.test']);
});

test.each<[count: number, linked: number, action: RegExp]>([
  [2, 2, /^its user has to connect the storage again/],
  [2, 0, /^correct its auth settings/],
  [6, 6, /^of each, its user has to connect the storage again/],
  [6, 5, /^correct their auth settings/],
])(
  'of %i that are suspended, %i are of users who have connected them: nobody else can renew those',
  (count, linked, action) => {
    const suspended = spaces('a', count, trouble('unauthorized'));
    const users = new Set(suspended.slice(0, linked).map(({ user }) => user));
    for (const finding of diagnoseSpaces(suspended, 0, users)) expect(finding.action).toMatch(action);
  },
);
