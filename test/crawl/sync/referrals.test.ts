import { describe, expect, it } from 'vitest';
import { createReferrals } from '../../../src/crawl/sync/referrals.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';

const at = (path: string) => path as ResourcePath;

describe('referrals', () => {
  it('go to the parent, once, and never from the root', () => {
    const referrals = createReferrals();
    expect(referrals.refer(at('a/b'), '404')).toBe('a');
    expect(referrals.refer(at('a/b'), '404')).toBeNull();
    expect(referrals.refer(at('a'), '404')).toBe(ROOT);
    expect(referrals.refer(ROOT, '404')).toBeNull();
    referrals.forget(at('a/b'));
    expect(referrals.refer(at('a/b'), '410')).toBe('a');
  });

  it('remember why until that is told', () => {
    const referrals = createReferrals();
    expect(referrals.whyOf(at('a'))).toBeNull();
    referrals.refer(at('a'), '404');
    expect(referrals.whyOf(at('a'))).toBe('404');
    referrals.close(at('a'));
    expect(referrals.whyOf(at('a'))).toBeNull();
    expect(referrals.refer(at('a'), '404')).toBeNull();
  });
});
