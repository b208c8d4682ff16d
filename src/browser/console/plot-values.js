/**
 * @typedef {object} Points of a plot, by time.
 * @property {number[]} times in seconds since the epoch, rising
 * @property {number[]} values
 * @property {boolean[]} isBad
 * @property {string[]} texts how the table tells each
 */

/** Below this share of the highest a bar could not be seen. */
const LEAST_SHARE = 1 / 60;
const COUNTS = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const DAY_SECONDS = 86_400;

/**
 * Returns values as bars show them: whatever is not zero can be seen.
 * @param {number[]} values
 */
export function seen(values) {
  const least = Math.max(0, ...values) * LEAST_SHARE;
  return values.map((value) => (value === 0 ? 0 : Math.max(value, least)));
}

/**
 * Returns a number of an axis as people say it.
 * @param {number} value
 * @param {string} unit
 */
export function axisText(value, unit) {
  if (unit === 'bytes') return sizeOf(value);
  return unit === 'seconds' ? durationOf(value) : COUNTS.format(value);
}

/** @param {number} bytes */
function sizeOf(bytes) {
  const at = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${short(bytes / 1_024 ** at)} ${SIZES[at]}`;
}

/** @param {number} seconds */
function durationOf(seconds) {
  if (seconds < 60) return `${short(seconds)} s`;
  return seconds < 3_600 ? `${short(seconds / 60)} min` : `${short(seconds / 3_600)} h`;
}

/** @param {number} value */
const short = (value) => Number(value.toPrecision(3));

/**
 * Returns the steps between the marks of an axis that read well in its unit.
 * @param {string} unit
 */
export function stepsOf(unit) {
  if (unit === 'bytes') return Array.from({ length: 60 }, (_, at) => 2 ** at);
  const decimal = Array.from({ length: 16 }, (_, at) => [1, 2, 5].map((each) => each * 10 ** at)).flat();
  if (unit !== 'seconds') return decimal;
  const hours = decimal.map((each) => each * 3_600);
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, ...hours];
}

/**
 * Returns how much earlier the first bar begins than its own time, in seconds: half the room of one, or some of the whole
 * if they are close together.
 * @param {number[]} times
 */
export function roomAround(times) {
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return gaps.length === 0 ? DAY_SECONDS / 2 : Math.max(Math.min(...gaps) / 2, whole / 50);
}

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

/**
 * Returns a mark of time in the person's own zone and way of writing: the day where one begins.
 * @param {number} seconds since the epoch
 * @param {number} step to the next mark, in seconds
 */
export function markText(seconds, step) {
  const time = new Date(seconds * 1_000);
  if (step >= 28 * DAY_SECONDS) return MONTH.format(time);
  const isMidnight = time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
  return step >= DAY_SECONDS || isMidnight ? DAY.format(time) : CLOCK.format(time);
}
