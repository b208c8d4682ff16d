import { whenShown } from './page.js';

const UNITS = /** @type {const} */ ([
  ['year', 31_556_952_000],
  ['month', 2_629_746_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]);
/** A time that is told in minutes is wrong by half of one at most. */
const EVERY_MS = 30_000;

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'always' });
/** In the person's own zone, with its name. */
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** For times within a sentence. */
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
/** Times that are not told as how long ago they were. */
const EXACT = '.exact';

/** Keeps relative times true while the page is open, and gives each the exact one in the person's own zone. */
export function tellTimes() {
  whenShown((part) => {
    for (const element of part.querySelectorAll('time')) {
      const time = new Date(element.dateTime);
      element.title = exact.format(time);
      if (element.matches(EXACT)) element.textContent = short.format(time);
    }
  });
  setInterval(() => {
    if (document.visibilityState === 'visible') tellAgain();
  }, EVERY_MS);
  document.addEventListener('visibilitychange', tellAgain);
}

function tellAgain() {
  for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll(`time:not(${EXACT})`))) {
    const away = Date.parse(element.dateTime) - Date.now();
    const [unit, size] = UNITS.find(([, ms]) => Math.abs(away) >= ms) ?? ['second', 1_000];
    if (Math.abs(away) >= size) element.textContent = relative.format(Math.trunc(away / size), unit);
  }
}
