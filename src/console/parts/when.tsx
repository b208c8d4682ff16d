import { spanOf } from '../../domain/text/span.js';
import { TEXTS } from '../texts.js';

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

/** Returns how long ago a time was, or in which time it will be. */
export function agoOf(time: number, now: number): string {
  const away = Math.abs(now - time);
  // Its largest unit is enough for people.
  const [span = ''] = /^\d+ \w+/.exec(spanOf(away)) ?? [];
  if (away < 1_000) return TEXTS.now;
  return time <= now ? `${span} ago` : `in ${span}`;
}
