import type { Leadership } from '../../domain/ports/leadership.js';

/** The leadership of an index in a file: one daemon has it, and commands beside it take turns with that by the file's own locks. */
export const soleLeadership: Leadership = {
  isShared: false,
  stand: async (holder) => ({ holder, term: 0 }),
  resign: () => Promise.resolve(),
};
