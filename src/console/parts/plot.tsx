import type { Child } from 'hono/jsx';
import { grouped } from '../../domain/text/counted.js';
import { TEXTS } from '../texts/texts.js';

/** What the numbers of a plot are, so that its axis tells them as people say them. */
export type PlotUnit = 'count' | 'bytes' | 'seconds';

/**
 * A plot of one column of the table with this id, which a script draws from the times and `data` of its rows, bars or an
 * area below a line. Its size is kept free. `bad` is the column that tells which rows are trouble.
 */
export function Plot({
  table,
  column,
  values,
  title = column,
  kind = 'bars',
  unit = 'count',
  bad,
  format = grouped,
}: {
  readonly table: string;
  /** The title of the column. */
  readonly column: string;
  readonly values: readonly number[];
  readonly title?: string;
  readonly kind?: 'bars' | 'area';
  readonly unit?: PlotUnit;
  readonly bad?: string;
  readonly format?: (value: number) => string;
}) {
  const most = values.reduce((highest, value) => Math.max(highest, value), 0);
  return (
    <figure class="plot" data-table={table} data-column={column} data-kind={kind} data-unit={unit} data-bad={bad}>
      <figcaption>
        {title}{' '}
        <span class="muted" data-told="">
          {TEXTS.admin.plot.upTo} {format(most)}
        </span>
      </figcaption>
      <div class="drawing" aria-hidden="true" />
    </figure>
  );
}

/** A table behind plots: open without scripts, on demand once a script has drawn them. */
export function BehindPlots({ children }: { readonly children?: Child }) {
  return (
    <details class="behind-plots" open>
      <summary>{TEXTS.admin.plot.table}</summary>
      {children}
    </details>
  );
}

/** A number as it is told, with the exact one for plots. */
export function Value({ of, format = grouped }: { readonly of: number; readonly format?: (value: number) => Child }) {
  return <data value={`${of}`}>{format(of)}</data>;
}

/** Returns at most so many points, evenly chosen, with the last among them. */
export function thinned<Point>(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const step = points.length / most;
  return Array.from({ length: most }, (_, at) => points[Math.ceil((at + 1) * step) - 1] as Point);
}
