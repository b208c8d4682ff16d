import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { LinkStart, Links } from '../../domain/ports/links.js';
import { linkToJson, unlinkedToJson } from '../../wire/link.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { readJson } from '../reply/json-body.js';
import { linksOf } from '../reply/links.js';
import { type Problem, refuse } from '../reply/problem.js';
import { answer } from '../reply/reply.js';

export interface LinkDeps {
  readonly links: Links;
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly publicUrl: string | null;
}

export interface LinkHandlers {
  readonly start: CallerHandle;
  readonly show: CallerHandle;
  readonly end: CallerHandle;
}

type Failure = Extract<LinkStart, { failure: string }>;

/** Time in which a storage restarts, and in which one of the log-ins of all users has probably ended. */
const RETRY_AFTER = { 'Retry-After': '60' };

const PROBLEMS: Readonly<Record<Failure['failure'], (detail: string) => Problem>> = {
  invalid: (detail) => ({ status: 400, detail, errors: [{ parameter: 'server', detail }] }),
  taken: (detail) => ({ status: 409, detail }),
  'too-many': (detail) => ({ status: 429, detail, headers: RETRY_AFTER }),
  trouble: (detail) => ({ status: 503, detail: `your storage begins no log-in: ${detail}`, headers: RETRY_AFTER }),
};

/** Creates the handlers with which users connect their own storage. */
export function createLinkHandlers({ links, catalogue, publicUrl }: LinkDeps): LinkHandlers {
  /** Its secrets are for the caller alone, and it changes without anything being written. */
  const show = (c: HttpContext, status: 200 | 202, item: object) =>
    answer(c, status, itemBody(c, linksOf(c.req.url, publicUrl), item), { 'Cache-Control': 'no-store' });

  return {
    async start(c, { user }) {
      const { linkRequestSchema } = await import('../openapi/definitions-link.js'); // see `operations.ts`
      const body = await readJson(c, linkRequestSchema, { ifEmpty: {} });
      if ('problem' in body) return refuse(c, body.problem);
      const started = await links.startLink({ user, server: body.value.server ?? null });
      if ('failure' in started) return refuse(c, PROBLEMS[started.failure](started.detail));
      return show(c, 202, linkToJson(started.standing, await catalogue.space(user)));
    },
    async show(c, { user }) {
      const [standing, space] = await Promise.all([links.linkStanding(user), catalogue.space(user)]);
      return show(c, 200, linkToJson(standing, space));
    },
    async end(c, { user }) {
      const ended = await links.endLink(user);
      if (ended === null) return refuse(c, { status: 404, detail: 'your storage is not connected' });
      const item = unlinkedToJson(ended.unrevoked);
      c.set('actDetails', { revoked: item.revoked });
      return show(c, 200, item);
    },
  };
}
