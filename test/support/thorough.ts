/**
 * Whether tests draw as many cases and are as large as they can be, which `TEST_THOROUGHLY=true` asks for. Otherwise they
 * show the same facts by fewer: a property draws other cases each time, so that what is rare is found sooner or later.
 */
export const isThorough = process.env['TEST_THOROUGHLY'] === 'true';

/** How often a property is to hold: so many times if thorough, otherwise a quarter of them. */
export function runsOf(thoroughly: number): number {
  return isThorough ? thoroughly : Math.ceil(thoroughly / 4);
}

/** The same of a property each of whose cases takes long: otherwise a sixteenth of them. */
export function fewRunsOf(thoroughly: number): number {
  return isThorough ? thoroughly : Math.ceil(thoroughly / 16);
}

/**
 * Those cases of a table that are tried: all of them if thorough, otherwise so many, in their order. Others are drawn by each
 * run, as a property draws them.
 */
export function someOf<Case>(cases: readonly Case[], count: number, areAll = isThorough): readonly Case[] {
  if (areAll) return cases;
  let left = Math.min(count, cases.length);
  return cases.filter((_, at) => {
    const isDrawn = Math.random() * (cases.length - at) < left;
    if (isDrawn) left--;
    return isDrawn;
  });
}

/** A size that shows a fact: the first if thorough, otherwise the second. */
export function sizeOf(thoroughly: number, otherwise: number): number {
  return isThorough ? thoroughly : otherwise;
}
