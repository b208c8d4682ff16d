import { describe, expect, it } from 'vitest';
import { urlOfUser, withUser } from '../../../src/domain/model/user-auth.js';
import { isUserName } from '../../../src/domain/text/user-name.js';

describe('a user’s name in place of {user}', () => {
  it.each([
    ['/etc/{user}/{user}.pw', 'jm', '/etc/jm/jm.pw'],
    ['{user}', '$& $1', '$& $1'],
    ['{user}', '{user}', '{user}'],
    ['svc', 'jm', 'svc'],
  ])('%s for %s is %s', (template, user, filled) => {
    expect(withUser(template, user)).toBe(filled);
  });

  it.each([
    ['https://h/{user}/', 'käthe b', 'https://h/k%C3%A4the%20b/'],
    ['https://h/{user}/', 'a?b#c', 'https://h/a%3Fb%23c/'],
  ])('%s for %s is encoded: %s', (template, user, url) => {
    expect(urlOfUser(template, user)).toBe(url);
  });
});

describe('a user name', () => {
  it.each([
    ['jm', true],
    ['{user}', true],
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a ', false],
    ['a\u0007', false],
  ])('%j: %s', (text, isName) => {
    expect(isUserName(text)).toBe(isName);
  });
});
