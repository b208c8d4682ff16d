import { whenShown } from './page.js';
import { pointsOf } from './plot-points.js';
import { axisText, markText, roomAround, seen, stepsOf } from './plot-values.js';

/** @typedef {import('./plot-values.js').Points} Points */
/** @typedef {typeof import('uplot')} Library */
/** @typedef {import('uplot').Options} Options */

const PLOT = 'figure.plot';
/** Tables that are open until the plots before them are drawn. */
const BEHIND = 'details.behind-plots:not(.ready)';
const LIBRARY = 'uPlot.iife.min.js';
const STYLE = 'uPlot.min.css';
/** Room for the marks of an axis, in pixels. */
const LEFT = 56;
const BELOW = 26;
/** Room above for half a line, and on the right for half a mark of time. */
const PADDING = /** @type {[number, number, number, number]} */ ([8, 28, 0, 0]);
/** A bar takes this share of its room, and is at most and at least so many pixels wide. */
const BAR = /** @type {[number, number, number]} */ ([0.8, 40, 3]);
/** Width and distance of the stripes in which trouble is told. */
const STRIPE = 6;

const dark = matchMedia('(prefers-color-scheme: dark)');
/** In the person's own zone. */
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Draws all plots of the page, and again once the colours change. The library is loaded if there are any. */
export function drawPlots() {
  /** @type {Map<HTMLElement, () => void>} */
  const drawings = new Map();
  whenShown((part) => void drawAll(/** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll(PLOT)), drawings));
  dark.addEventListener('change', () => {
    for (const [figure, end] of drawings) {
      end();
      drawings.set(figure, draw(figure));
    }
  });
}

/**
 * @param {NodeListOf<HTMLElement>} figures
 * @param {Map<HTMLElement, () => void>} drawings
 */
async function drawAll(figures, drawings) {
  if (figures.length === 0) return;
  try {
    await Promise.all([load('script', LIBRARY), load('link', STYLE)]);
    for (const figure of figures) {
      drawings.get(figure)?.();
      drawings.set(figure, draw(figure));
    }
    for (const details of document.querySelectorAll(BEHIND)) details.removeAttribute('open');
  } catch {
    // The tables have all that the plots would show.
    for (const plots of document.querySelectorAll('.plotted')) plots.setAttribute('hidden', '');
  } finally {
    for (const details of document.querySelectorAll(BEHIND)) details.classList.add('ready');
  }
}

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Loads a file that lies beside this one, once.
 * @param {'script' | 'link'} kind
 * @param {string} name
 */
function load(kind, name) {
  const loading =
    loaded.get(name) ??
    new Promise((resolve, reject) => {
      const element = document.createElement(kind);
      const address = new URL(name, import.meta.url).href;
      Object.assign(element, kind === 'script' ? { src: address } : { rel: 'stylesheet', href: address });
      element.addEventListener('load', () => resolve());
      element.addEventListener('error', reject);
      document.head.append(element);
    });
  loaded.set(name, loading);
  return loading;
}

/**
 * Draws one plot; returns what ends it.
 * @param {HTMLElement} figure
 */
function draw(figure) {
  const { uPlot } = /** @type {{ uPlot: Library }} */ (/** @type {unknown} */ (globalThis));
  const room = /** @type {HTMLElement} */ (figure.querySelector('.drawing'));
  const points = pointsOf(figure);
  const { values, isBad } = points;
  const shown = figure.dataset['kind'] === 'area' ? values : seen(values);
  // A bar of nothing would be a line.
  const only = (/** @type {boolean} */ wanted) =>
    shown.map((value, at) => (isBad[at] === wanted && (value > 0 || !wanted) ? value : null));
  const drawn = new uPlot(optionsOf(uPlot, figure, room, points), [points.times, only(false), only(true)], room);
  const resized = new ResizeObserver(() => drawn.setSize(sizeOf(room)));
  resized.observe(room);
  return () => {
    resized.disconnect();
    drawn.destroy();
  };
}

/** @param {HTMLElement} room */
const sizeOf = (room) => ({ width: room.clientWidth, height: room.clientHeight });

/**
 * @param {Library} uPlot
 * @param {HTMLElement} figure
 * @param {HTMLElement} room
 * @param {Points} points
 * @returns {Options}
 */
function optionsOf(uPlot, figure, room, points) {
  const { kind = 'bars', unit = 'count', table = '' } = figure.dataset;
  const around = kind === 'area' ? 0 : roomAround(points.times);
  const css = getComputedStyle(figure);
  const colour = (/** @type {string} */ name) => css.getPropertyValue(`--${name}`).trim();
  const font = `12px ${css.fontFamily}`;
  const axis = { stroke: colour('muted'), font, ticks: { show: false } };
  const paths = kind === 'area' ? undefined : uPlot.paths.bars?.({ size: BAR });
  const series = { points: { show: false }, ...(paths === undefined ? {} : { paths }) };
  return {
    ...sizeOf(room),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: table } },
    padding: PADDING,
    scales: {
      x: { range: (_, first, last) => [first - around, last + around] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        size: BELOW,
        space: 70,
        grid: { show: false },
        values: (_, marks, __, ___, step) => marks.map((mark) => markText(mark, step)),
      },
      {
        ...axis,
        size: LEFT,
        space: 28,
        incrs: stepsOf(unit),
        grid: { stroke: colour('line'), width: 1 },
        values: (_, marks) => marks.map((mark) => axisText(mark, unit)),
      },
    ],
    series: [
      {},
      { ...series, stroke: colour('accent'), width: kind === 'area' ? 2 : 0, fill: filled(kind, colour('accent')) },
      { ...series, stroke: colour('bad'), width: 1, fill: striped(colour('bad')) },
    ],
    hooks: { setCursor: [({ cursor }) => tell(figure, points, cursor.idx ?? null)] },
  };
}

/**
 * Tells the value below the cursor in place of the highest.
 * @param {HTMLElement} figure
 * @param {Points} points
 * @param {number | null} at
 */
function tell(figure, { times, texts }, at) {
  const told = figure.querySelector('[data-told]');
  if (!(told instanceof HTMLElement)) return;
  told.dataset['told'] ||= told.textContent ?? '';
  const time = at === null ? undefined : times[at];
  told.textContent =
    at === null || time === undefined ? told.dataset['told'] : `${texts[at]} · ${exact.format(time * 1_000)}`;
}

/**
 * @param {string} kind
 * @param {string} colour
 */
const filled = (kind, colour) => (kind === 'area' ? `color-mix(in srgb, ${colour} 25%, transparent)` : colour);

/**
 * Returns stripes, so that trouble is told without colour, too.
 * @param {string} colour
 */
function striped(colour) {
  const tile = document.createElement('canvas');
  [tile.width, tile.height] = [STRIPE, STRIPE];
  const context = tile.getContext('2d');
  if (context === null) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, STRIPE, STRIPE / 2);
  return () => context.createPattern(tile, 'repeat') ?? colour;
}
