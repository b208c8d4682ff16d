import { grouped } from '../../domain/text/counted.js';
import { TEXTS } from './texts.js';

/** One point of a plot. */
export interface PlotPoint {
  /** When or what it is, for a tooltip. */
  readonly label: string;
  readonly value: number;
  /** Whether it stands out as trouble; its tooltip says so in words. */
  readonly isBad?: boolean;
}

/** The drawing's own units; it is stretched to the room there is. */
const WIDTH = 600;
const HEIGHT = 100;

/**
 * A plot that the server draws, so that it needs no script: bars, or the area below a line. Whoever can't see it has its
 * title with the range, and the table that belongs to it.
 */
export function Plot({
  title,
  points,
  kind = 'bars',
  format = grouped,
}: {
  readonly title: string;
  readonly points: readonly PlotPoint[];
  readonly kind?: 'bars' | 'area';
  readonly format?: (value: number) => string;
}) {
  const most = points.reduce((highest, { value }) => Math.max(highest, value), 0);
  const [first] = points;
  const last = points.at(-1);
  return (
    <figure class="plot">
      <figcaption>
        {title}
        <span class="muted">
          {' '}
          {TEXTS.admin.plot.upTo} {format(most)}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {kind === 'area' ? (
          <path class="area" d={areaOf(points, most)} />
        ) : (
          barsOf(points, most).map(({ x, y, width, height, point }) => (
            <rect class={point.isBad === true ? 'bad' : 'bar'} x={x} y={y} width={width} height={height}>
              <title>{`${point.label}: ${format(point.value)}`}</title>
            </rect>
          ))
        )}
      </svg>
      <div class="ends muted" aria-hidden="true">
        <span>{first?.label}</span>
        <span>{last?.label}</span>
      </div>
    </figure>
  );
}

/** Returns a bar for each point; whatever isn't zero can be seen. */
export function barsOf(points: readonly PlotPoint[], most: number) {
  const step = WIDTH / Math.max(1, points.length);
  return points.map((point, at) => {
    const height = point.value === 0 ? 0 : Math.max(2, round((point.value / most) * HEIGHT));
    return { point, x: round(at * step), y: HEIGHT - height, width: round(step * 0.8), height };
  });
}

/** Returns the outline of the area below a line through all points; a single one is a line from edge to edge. */
export function areaOf(points: readonly PlotPoint[], most: number): string {
  if (points.length === 0) return '';
  const all = points.length === 1 ? [...points, ...points] : points;
  const places = all.map(({ value }, at) => {
    const y = most === 0 ? HEIGHT : HEIGHT - (value / most) * HEIGHT;
    return `${round((at * WIDTH) / (all.length - 1))} ${round(y)}`;
  });
  return `M0 ${HEIGHT}L${places.join('L')}L${WIDTH} ${HEIGHT}Z`;
}

/** Returns at most so many points, evenly chosen, with the last among them. */
export function thinned<Point>(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const step = points.length / most;
  return Array.from({ length: most }, (_, at) => points[Math.ceil((at + 1) * step) - 1] as Point);
}

const round = (value: number) => Math.round(value * 10) / 10;
