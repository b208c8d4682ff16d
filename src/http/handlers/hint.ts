import type { Crawler } from '../../domain/ports/crawler.js';
import { type HintJson, hintsFromJson, hintTicketToJson } from '../../wire/hint.js';
import type { CallerHandle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { readJson } from '../reply/json-body.js';
import { linksOf } from '../reply/links.js';
import { refuse } from '../reply/problem.js';
import { answer } from '../reply/reply.js';

/**
 * Nextcloud escapes what is not ASCII, six bytes for one of two, and a rename has two paths of up to 4,000 bytes: a
 * single event may need 24 KB.
 */
const MAX_BODY_BYTES = 65_536;

/**
 * Creates the handler that takes hints. It answers 202 whatever they name: who may give hints need not be told who has
 * a space.
 */
export function createHintHandler(deps: {
  readonly crawler: Pick<Crawler, 'hint'>;
  readonly publicUrl: string | null;
}): CallerHandle {
  return async (c) => {
    const { hintsSchema } = await import('../openapi/definitions-hints.js'); // see `operations.ts`
    const body = await readJson<HintJson | readonly HintJson[]>(c, hintsSchema, { maxBytes: MAX_BODY_BYTES });
    if ('problem' in body) return refuse(c, body.problem);
    const received = [body.value].flat();
    await deps.crawler.hint(received.flatMap(hintsFromJson));
    return answer(c, 202, itemBody(c, linksOf(c.req.url, deps.publicUrl), hintTicketToJson(received.length)));
  };
}
