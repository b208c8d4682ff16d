import { TEXTS } from '../texts/texts.js';

/**
 * A time as people say it, with the exact one in a tooltip, in UTC until a script knows the person's own zone. `now` is
 * in ms since the epoch.
 */
export function When({ time, now }: { readonly time: string | null; readonly now: number }) {
  if (time === null) return <span class="none">{TEXTS.never}</span>;
  return (
    <time datetime={time} title={`${time.slice(0, 19).replace('T', ' ')} UTC`}>
      {agoOf(Date.parse(time), now)}
    </time>
  );
}

const format = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
/** Units from the largest, in ms; years and months as the calendar has them on average. */
const UNITS = [
  ['year', 31_556_952_000],
  ['month', 2_629_746_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Returns how long ago a time was, or in which time it will be, in its largest unit: "3 years ago", "in 5 minutes". */
export function agoOf(time: number, now: number): string {
  const away = time - now;
  const [unit, size] = UNITS.find(([, ms]) => Math.abs(away) >= ms) ?? ['second', 1_000];
  return Math.abs(away) < 1_000 ? TEXTS.now : format.format(Math.trunc(away / size), unit);
}
