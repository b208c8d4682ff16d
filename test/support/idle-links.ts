import type { Links } from '../../src/domain/ports/links.js';

/** Links that are offered and that nobody makes use of. */
export const IDLE_LINKS: Links = {
  startLink: async () => ({ failure: 'trouble', detail: 'nobody links here' }),
  keepPassword: async () => 'not-concerned',
  linkStanding: async () => ({ link: null, isReadable: true, pending: null, failure: null, isTaken: false }),
  endLink: async () => null,
};
