import type { Administration } from '../../domain/ports/administration.js';
import { overviewToJson } from '../../wire/overview.js';
import type { CallerHandle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { linksOf } from '../reply/links.js';
import { answer } from '../reply/reply.js';

export interface AdministrationDeps {
  readonly administration: Administration;
  readonly publicUrl: string | null;
}

/** Creates the handlers that tell administrators of the daemon as a whole. */
export function createAdministrationHandlers({ administration, publicUrl }: AdministrationDeps): {
  readonly overview: CallerHandle;
} {
  return {
    async overview(c) {
      const item = overviewToJson(await administration.overview());
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item), { 'Cache-Control': 'no-store' });
    },
  };
}
