import Table from 'cli-table3';
import type { Verdict } from '../ratios.js';
import { megabytes, milliseconds, seconds } from '../units.js';
import type { Cost, Costs } from './cost.js';
import { type Bound, type Growth, growthOf, isTooFast, type Judgement, judge } from './exponent.js';

/** What was measured while one quantity grew. */
export interface Axis {
  readonly name: 'spaces' | 'images' | 'one space';
  readonly unit: string;
  readonly sizes: readonly number[];
  /** Of each size. */
  readonly costs: readonly Costs[];
}

interface Row extends Judgement {
  readonly name: string;
  readonly quantity: 'processor time' | 'memory';
  readonly values: readonly number[];
  readonly growth: Growth;
  readonly bound: Bound;
}

/** What must stay as it is, however many there are of what grows. */
const FLAT: Readonly<Record<Axis['name'], readonly string[]>> = {
  spaces: ['list, first', 'list, again', 'search, one space'],
  images: [
    ...['list, first', 'list, again', 'start', 'a minute at rest', 'metrics', 'overview', 'health'],
    ...['spaces, a page', 'round'],
  ],
  'one space': ['list, first', 'list, again'],
};
/** SQLite's caches fill up with what is read, to a bound of their own. */
const FLAT_MEMORY: Readonly<Record<Axis['name'], readonly string[]>> = {
  spaces: [],
  images: ['start', 'a minute at rest', 'round'],
  'one space': [],
};

export const GOOD = 'NOTHING GROWS FASTER THAN ITS INPUT';

function rowsOf({ name: axis, sizes, costs }: Axis): readonly Row[] {
  const [first = new Map<string, Cost>()] = costs;
  const rowOf = (name: string, quantity: Row['quantity'], of: (cost: Cost) => number, flat: readonly string[]): Row => {
    const values = costs.map((each) => of(each.get(name) ?? { cpuMs: Number.NaN, peakBytes: null }));
    const growth = growthOf(sizes, values);
    const bound = flat.includes(name) ? 'flat' : 'as its input';
    return { name, quantity, values, growth, bound, ...judge(growth, bound) };
  };
  return [...first].flatMap(([name, { peakBytes }]) => {
    const time = rowOf(name, 'processor time', ({ cpuMs }) => cpuMs, FLAT[axis]);
    if (peakBytes === null) return [time];
    return [time, rowOf(name, 'memory', (cost) => cost.peakBytes ?? Number.NaN, FLAT_MEMORY[axis])];
  });
}

const nameOf = (axis: Axis, row: Row) => `${row.name}, ${row.quantity}, by ${axis.name}`;

/** A ratio for each row: what ten times the input may multiply its cost by, to what it does. */
export function verdictsOf(axes: readonly Axis[]): readonly Verdict[] {
  return axes.flatMap((axis) =>
    rowsOf(axis).map((row): Verdict => {
      const ratioOf = (power: number) => 10 ** (row.limit - power);
      return {
        name: `growth, ${nameOf(axis, row)}`,
        meaning: `10^${row.limit} / what ten times the ${axis.unit} multiply it by`,
        ratio: ratioOf(row.power),
        ratios: row.growth.steps.map(ratioOf),
        target: 1,
        context: [],
      };
    }),
  );
}

/** For people: a table for each quantity that grew, and whether anything grows faster than it may. */
export function growthTable(axes: readonly Axis[]): string {
  const tables = axes.map((axis) => {
    const table = new Table({
      head: [
        `by ${axis.name}`,
        'of',
        ...axis.sizes.map((size) => `${size.toLocaleString('en')} ${axis.unit}`),
        'exponents',
        'beyond a fixed share',
        'verdict',
      ],
      style: { head: [], border: [] },
    });
    for (const row of rowsOf(axis)) {
      const { name, quantity, values, growth, bound, limit } = row;
      const told = quantity === 'memory' ? megabytes : (ms: number) => (ms < 1_000 ? shortMs(ms) : seconds(ms));
      table.push([
        name,
        quantity,
        ...values.map(told),
        growth.steps.map((step) => step.toFixed(2)).join(' '),
        growth.beyondFixed === null ? '' : growth.beyondFixed.toFixed(2),
        isTooFast(row) ? `GROWS TOO FAST (at most ${limit})` : bound === 'flat' ? 'stays' : 'as its input at most',
      ]);
    }
    return table.toString();
  });
  const tooFast = axes.flatMap((axis) =>
    rowsOf(axis)
      .filter(isTooFast)
      .map((row) => nameOf(axis, row)),
  );
  const verdict = tooFast.length === 0 ? GOOD : `GROW TOO FAST: ${tooFast.join('; ')}`;
  return `${[...tables, verdict].join('\n')}\n`;
}

function shortMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : milliseconds(ms);
}
