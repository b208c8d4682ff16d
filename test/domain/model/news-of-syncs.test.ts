import { describe, expect, it } from 'vitest';
import { type Condition, newsOf } from '../../../src/domain/model/news-of-syncs.js';

describe('what the log says of a sync', () => {
  const none = { hasChanges: false, isHostDown: false, isAskedFor: false };
  it.each<[Condition, Condition, Partial<typeof none>, ReturnType<typeof newsOf>]>([
    ['well', 'well', {}, null],
    ['well', 'well', { hasChanges: true }, 'changes'],
    ['well', 'failing', {}, 'trouble'],
    ['failing', 'failing', {}, null],
    ['failing', 'failing', { isAskedFor: true }, 'trouble'],
    ['failing', 'suspended', {}, 'trouble'],
    ['failing', 'well', {}, 'recovery'],
    ['held', 'well', { hasChanges: true }, 'recovery'],
    ['well', 'failing', { isHostDown: true }, null],
    ['well', 'busy', { isHostDown: true }, null],
    ['well', 'failing', { isHostDown: true, isAskedFor: true }, null],
    ['well', 'suspended', { isHostDown: true }, 'trouble'],
    ['incomplete', 'incomplete', { hasChanges: true }, 'changes'],
  ])('%s → %s, %j: %s', (before, after, more, news) => {
    expect(newsOf({ before, after, ...none, ...more })).toBe(news);
  });
});
