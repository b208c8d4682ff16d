/** Where a soak looks away, because the crawler is known to fall short there. Each goes with its fix. */
export interface Leniency {
  /** A pause that a 429 asked for is kept by the clock on the wall: set back by a day, requests wait for a day. */
  readonly pausesByTheWall: boolean;
  /** A hint lists a collection that is deeper than the limit, and no other sync looks there ever again. */
  readonly hintsBelowTheLimit: boolean;
  /**
   * A hint that is resumed may ask for ever: a target that is gone leads to its parent, and the
   * parent, listed before the interruption, back to the target.
   */
  readonly interruptedHints: boolean;
  /** A sync that is resumed lists collections deeper than the limit, as hints do. */
  readonly interruptedLimits: boolean;
}

export const LENIENT: Leniency = {
  pausesByTheWall: true,
  hintsBelowTheLimit: true,
  interruptedHints: true,
  interruptedLimits: true,
};
export const STRICT: Leniency = {
  pausesByTheWall: false,
  hintsBelowTheLimit: false,
  interruptedHints: false,
  interruptedLimits: false,
};
