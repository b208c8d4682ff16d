import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { timestamp } from '../../wire/timestamp.js';
import type { Handle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { linksOf } from '../reply/links.js';
import { answer } from '../reply/reply.js';

export interface StatusDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly version: string;
}

/** Creates the handlers that tell clients without a token whether the API answers and can read its index. */
export function createStatusHandlers({ catalogue, clock, publicUrl, version }: StatusDeps): {
  readonly ping: Handle;
  readonly status: Handle;
} {
  return {
    ping: (c) => answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), { message: 'pong' })),
    async status(c) {
      await catalogue.space(''); // no user's: what matters is that the index answers
      const item = { status: 'ok', version, time: timestamp(clock()) };
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item));
    },
  };
}
