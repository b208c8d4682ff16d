import { orderOf } from '../../domain/lists/list-grammar.js';
import { TOKEN_LIST, tokenKeyOf } from '../../domain/lists/token-list.js';
import { type NewToken, type Principal, scopesLackingOf, type TokenRecord } from '../../domain/model/token.js';
import { decideOwnToken } from '../../domain/policy/own-token.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { MAX_OWN_TOKENS, type TokenStore } from '../../domain/ports/token-store.js';
import { clientTokenToJson, createdTokenToJson } from '../../wire/token.js';
import { refuseWithoutScope } from '../gate/challenge.js';
import { answerList } from '../lists/answer-list.js';
import { parseListQuery } from '../lists/list-query.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { wantsStrict } from '../reply/ignored.js';
import { readJson } from '../reply/json-body.js';
import { type Links, linksOf } from '../reply/links.js';
import { positionOf } from '../reply/paging.js';
import { readId } from '../reply/path-id.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf } from '../reply/query-string.js';
import { answer } from '../reply/reply.js';

export interface UserTokenDeps {
  readonly tokens: Pick<TokenStore, 'page' | 'find' | 'setDisabled' | 'end'>;
  /** Issues a token that its user has asked for; null if the user has as many as are allowed. */
  readonly issueOwnToken: (grant: Grant) => Promise<IssuedToken | null>;
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
}

type Grant = Pick<NewToken, 'user' | 'scopes' | 'expiresAt'> & { readonly name: string | null };

interface IssuedToken {
  readonly token: string;
  readonly record: TokenRecord;
}

export interface UserTokenHandlers {
  readonly create: CallerHandle;
  readonly list: CallerHandle;
  readonly show: CallerHandle;
  readonly change: CallerHandle;
  readonly end: CallerHandle;
}

/** Creates the handlers for the caller's own tokens, including those of log-ins. */
export function createUserTokenHandlers({
  tokens,
  issueOwnToken,
  catalogue,
  clock,
  publicUrl,
}: UserTokenDeps): UserTokenHandlers {
  const urlOf = ({ id }: TokenRecord, { base }: Links) => `${base}/v2/user/token/${id}`;
  const toJson = (token: TokenRecord, caller: Principal, links: Links) =>
    clientTokenToJson(token, { now: clock(), url: urlOf(token, links), currentId: caller.tokenId });
  const showToken = (c: HttpContext, token: TokenRecord, caller: Principal) => {
    const links = linksOf(c.req.url, publicUrl);
    return answer(c, 200, itemBody(c, links, toJson(token, caller, links)));
  };
  const idOf = (c: HttpContext) => readId(c.req.param('id') ?? '');
  const unknown = (c: HttpContext) =>
    refuse(c, { status: 404, detail: `there is no token "${c.req.param('id') ?? ''}" of yours` });
  const find = async (c: HttpContext, user: string) => {
    const id = idOf(c);
    return id === null ? null : await tokens.find(user, id);
  };

  return {
    async list(c, caller) {
      const parsed = parseListQuery(queryOf(c.req.url), TOKEN_LIST, wantsStrict(c));
      if ('faults' in parsed) return refuseFaults(c, parsed.faults);
      const { query, ignored } = parsed;
      const { tokens: found, place } = await tokens.page(caller.user, query, clock());
      const position = positionOf(query.page, place, found, orderOf(TOKEN_LIST, query.sort), tokenKeyOf);
      const links = linksOf(c.req.url, publicUrl);
      const items = found.map((token) => toJson(token, caller, links));
      return answerList(c, publicUrl, items, position, ignored);
    },

    async create(c, caller) {
      const { newTokenSchema } = await import('../openapi/definitions-tokens.js'); // see `operations.ts`
      const body = await readJson(c, newTokenSchema);
      if ('problem' in body) return refuse(c, body.problem);
      const { name, days, scopes } = body.value;
      const hasSpace = (await catalogue.space(caller.user)) !== null;
      const decided = decideOwnToken(caller, hasSpace, { name: name ?? null, days, scopes }, clock());
      if ('refusal' in decided) {
        return refuse(c, { status: decided.refusal === 'no-space' ? 409 : 403, detail: decided.detail });
      }
      const issued = await issueOwnToken(decided);
      if (issued === null) return refuse(c, { status: 409, detail: TOO_MANY });
      const { record, token } = issued;
      c.set('actDetails', { id: record.id, name: record.name ?? '', days, scopes: record.scopes.join(' ') });
      const links = linksOf(c.req.url, publicUrl);
      const item = createdTokenToJson(token, toJson(record, caller, links));
      const headers = { Location: urlOf(record, links), 'Cache-Control': 'no-store' };
      return answer(c, 201, itemBody(c, links, item), headers);
    },

    async show(c, caller) {
      const token = await find(c, caller.user);
      return token === null ? unknown(c) : showToken(c, token, caller);
    },

    async change(c, caller) {
      const { tokenChangeSchema } = await import('../openapi/definitions-tokens.js'); // see `operations.ts`
      const body = await readJson(c, tokenChangeSchema, { ifEmpty: {} });
      if ('problem' in body) return refuse(c, body.problem);
      const token = await find(c, caller.user);
      if (token === null) return unknown(c);
      const { valid } = body.value;
      const lacking = valid ? scopesLackingOf(caller, token)[0] : undefined;
      if (lacking !== undefined) {
        const detail = `token ${token.id} has the scope "${lacking}" and yours does not, so yours cannot enable it`;
        return refuseWithoutScope(c, lacking, detail);
      }
      const changed = await tokens.setDisabled(caller.user, token.id, valid ? null : clock());
      return changed === null ? unknown(c) : showToken(c, changed, caller);
    },

    async end(c, caller) {
      const token = await find(c, caller.user);
      if (token === null || !(await tokens.end(caller.user, token.id, clock()))) return unknown(c);
      const ended = { id: token.id, status: 200, message: `token ${token.id} has ended` };
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), ended));
    },
  };
}

const TOO_MANY = `you have ${MAX_OWN_TOKENS} access tokens already, and more are not allowed; end one that you no longer need (DELETE /v2/user/token/{id})`;
