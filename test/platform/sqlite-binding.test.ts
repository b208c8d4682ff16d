import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { installedBinding, isForLaterBinding, LATER_BINDING, whyUnfit } from '../../src/platform/sqlite-binding.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const COMMAND = `npm ci && npm install --no-save better-sqlite3@${LATER_BINDING}`;

describe("SQLite's binding", () => {
  it.each([
    ['20.19.0', '12.11.1', null],
    ['22.12.0', '12.11.1', null],
    ['23.11.1', '12.11.1', null],
    ['24.0.0', '12.11.1', COMMAND],
    ['24.21.0', '12.99.0', COMMAND],
    ['24.21.0', '9.6.0', COMMAND],
    ['26.0.0-nightly20260101', '12.11.1', COMMAND],
    ['104.0.0', '12.11.1', COMMAND],
    ['20.20.2', '13.2.0', 'npm ci'],
    ['21.7.3', '14.0.0', 'npm ci'],
    ['22.12.0', '13.2.0', null],
    ['24.21.0', '13.2.0', null],
    ['24.21.0', '13.0.0-rc.1', null],
    ['26.0.0', '14.0.0', null],
  ] as const)('Node %s with better-sqlite3 %s: %s', (node, binding, command) => {
    const told = whyUnfit(node, binding);
    if (command === null) return expect(told).toBeNull();
    expect(told).toMatch(new RegExp(`^Node ${node} can't run with better-sqlite3 ${binding}, .*: ${command}$`));
  });

  it('that is installed here fits the Node that runs this', () => {
    expect(whyUnfit(process.versions.node, installedBinding())).toBeNull();
  });

  it('for Node 24 is one version in the message, the documents and its lock file', () => {
    expect(JSON.parse(read('config/node-24/package.json')).dependencies).toEqual({ 'better-sqlite3': LATER_BINDING });
    const locked = JSON.parse(read('config/node-24/package-lock.json')).packages['node_modules/better-sqlite3'];
    expect(locked).toMatchObject({ version: LATER_BINDING, integrity: expect.stringMatching(/^sha512-/) });
    const document = read('config/README.md');
    expect(document).toContain(COMMAND);
    const named = [...document.matchAll(/better-sqlite3(?:@|": ")(\d+\.\d+\.\d+)/g)].map(([, version]) => version);
    expect(new Set(named)).toEqual(new Set([LATER_BINDING]));
  });

  it('of the lock file is for every other release that the program is for', () => {
    const { engines, dependencies } = JSON.parse(read('package.json'));
    const majors = [...String(engines.node).matchAll(/\^(\d+)/g)].map(([, major]) => `${major}`);
    expect(majors).toEqual(['20', '22', '24']);
    expect(majors.filter((major) => whyUnfit(major, dependencies['better-sqlite3']) !== null)).toEqual(['24']);
    expect(majors.filter(isForLaterBinding)).toEqual(['24']);
  });
});
