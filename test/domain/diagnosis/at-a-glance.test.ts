import { expect, it } from 'vitest';
import { atAGlance } from '../../../src/domain/diagnosis/at-a-glance.js';
import { HOUR_MS, NO_SYNCS } from '../../../src/domain/diagnosis/history.js';
import { MEASURED } from '../../http/api-scene.js';

const HOUR = 480_000;
const counted = (hour: number, bytes: number) => ({ hour, ...NO_SYNCS, stock: { spaces: 1, images: 2, bytes } });
const NOBODY = { held: [], suspended: [], failing: [] };

it('takes sizes from the last count, and none from hours that a clock which was ahead has left', () => {
  const hours = [counted(HOUR - 1, 10), counted(HOUR, 20), counted(HOUR + 1, 30), counted(HOUR + 90_000, 40)];
  const { bytes, history } = atAGlance(MEASURED, hours, NOBODY, HOUR * HOUR_MS);
  expect(bytes).toEqual({ total: 20, hour: HOUR });
  expect(history.map(({ hour }) => hour)).toEqual([HOUR - 1, HOUR]);
});
