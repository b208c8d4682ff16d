/** @typedef {import('./plot-values.js').Points} Points */

/**
 * Reads the points of a plot out of the table behind it, which is the one source of both. Rows without a number, as of a
 * sync that runs, are none.
 * @param {HTMLElement} figure
 * @returns {Points}
 */
export function pointsOf(figure) {
  const { table = '', column = '', bad = '' } = figure.dataset;
  const points = [...document.querySelectorAll(`#${CSS.escape(table)} > tbody > tr`)].flatMap((row) => {
    const time = row.querySelector('time');
    const cell = cellOf(row, column);
    const number = cell?.querySelector('data');
    if (time === null || cell === undefined || !number) return [];
    const at = Date.parse(time.dateTime) / 1_000;
    return [{ at, value: Number(number.value), isBad: isBad(cellOf(row, bad)), text: number.textContent ?? '' }];
  });
  points.sort((one, other) => one.at - other.at);
  return {
    times: points.map(({ at }) => at),
    values: points.map(({ value }) => value),
    isBad: points.map((point) => point.isBad),
    texts: points.map(({ text }) => text),
  };
}

/**
 * @param {Element} row
 * @param {string} title of the column
 */
function cellOf(row, title) {
  return [...row.querySelectorAll('td')].find((cell) => cell.dataset['label'] === title);
}

/**
 * Whether a cell tells of trouble: by its badge, or as a number of failures.
 * @param {Element | undefined} cell
 */
function isBad(cell) {
  return cell?.querySelector('.badge.bad') != null || Number(cell?.querySelector('data')?.value ?? 0) > 0;
}
