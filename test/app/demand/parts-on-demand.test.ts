import { expect, it, vi } from 'vitest';
import { withPartsOnDemand } from '../../../src/app/demand/parts-on-demand.js';

it('makes each part once, when it is first asked for', () => {
  const list = vi.fn(() => ['a']);
  const count = vi.fn(() => 1);
  const index = withPartsOnDemand({ name: 'x' }, { list, count });
  expect(index.name).toBe('x');
  expect(list).not.toHaveBeenCalled();
  expect(index.list).toBe(index.list);
  expect(list).toHaveBeenCalledOnce();
  expect(count).not.toHaveBeenCalled();
});

it('has a part that could not be made tried again by whoever asks next', () => {
  const part = vi.fn(() => 2);
  part.mockImplementationOnce(() => {
    throw new Error('the disk is full');
  });
  const index = withPartsOnDemand({}, { part });
  expect(() => index.part).toThrow('the disk is full');
  expect(index.part).toBe(2);
});

it('can be copied with all its parts', () => {
  expect({ ...withPartsOnDemand({ name: 'x' }, { part: () => 2 }) }).toEqual({ name: 'x', part: 2 });
});
