/**
 * Whether tests draw as many cases and are as large as they can be, which `TEST_THOROUGHLY=true` asks for. Otherwise they
 * show the same facts by fewer: a property draws other cases each time, so that what is rare is found sooner or later.
 */
export const isThorough = process.env['TEST_THOROUGHLY'] === 'true';

/** How often a property is to hold: so many times if thorough, otherwise a quarter of them. */
export function runsOf(thoroughly: number): number {
  return isThorough ? thoroughly : Math.ceil(thoroughly / 4);
}
