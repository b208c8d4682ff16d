import { describe, expect, test } from 'vitest';
import { resolveInRoot } from '../../src/platform/root-folder.js';

const LINKS: Readonly<Record<string, string>> = {
  '/lib': 'usr/lib',
  '/abs': '/usr/lib',
  '/up': '../../../../etc/passwd',
  '/var/lib': '/srv/./state//',
  '/srv/state/ovadex': '../disk/ovadex',
  '/etc/ovadex': '/etc/alternatives/ovadex',
  '/etc/alternatives/ovadex': '/opt/ovadex',
  '/proc/self/root': '/',
  '/dangling': '/nowhere/at/all',
  '/last': 'first',
  '/a': '/b',
  '/b': 'a/c',
  '/empty': '.',
};
const linkAt = (path: string) => LINKS[path] ?? null;

describe('a path in the root of another machine', () => {
  test.each([
    ['/etc/passwd', '/etc/passwd'],
    ['/', '/'],
    ['//etc//./x/', '/etc/x'],
    ['/../../etc/x', '/etc/x'],
    ['/etc/../../../x', '/x'],
    ['/lib/systemd/system', '/usr/lib/systemd/system'],
    ['/abs/systemd', '/usr/lib/systemd'],
    ['/abs/../x', '/usr/x'], // `..` is that of where the link leads
    ['/up', '/etc/passwd'],
    ['/var/lib/ovadex', '/srv/disk/ovadex'],
    ['/etc/ovadex/ovadex.yaml', '/opt/ovadex/ovadex.yaml'],
    ['/proc/self/root/etc', '/etc'],
    ['/dangling/x', '/nowhere/at/all/x'],
    ['/empty/etc', '/etc'],
    ['/last', '/first'],
  ])('%s leads to %s', (path, expected) => {
    expect(resolveInRoot(path, linkAt)).toBe(expected);
  });

  test.each([
    ['/last', '/last'],
    ['/lib/systemd', '/usr/lib/systemd'],
    ['/abs', '/abs'],
    ['/var/lib', '/var/lib'],
  ])('%s is %s where the last link is meant itself', (path, expected) => {
    expect(resolveInRoot(path, linkAt, { isLastKept: true })).toBe(expected);
  });

  test.each(['/a', '/b/x', '/a/../etc'])('%s is refused: its links form a loop', (path) => {
    expect(() => resolveInRoot(path, linkAt)).toThrow(/^\/.*: its symbolic links form a loop at \//);
  });

  test('a chain of forty links is followed, and no longer one', () => {
    const chain = (path: string) => {
      const at = Number(/^\/(\d+)$/.exec(path)?.[1] ?? 'NaN');
      return at > 0 ? `/${at - 1}` : null;
    };
    expect(resolveInRoot('/40', chain)).toBe('/0');
    expect(() => resolveInRoot('/41', chain)).toThrow('loop');
  });
});
