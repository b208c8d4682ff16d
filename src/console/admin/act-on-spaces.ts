import { counted } from '../../domain/text/counted.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer, Ask } from '../visit/ask.js';
import type { Notice } from '../visit/sessions.js';
import { spaceOfApi } from './words/places.js';

export const SPACE_ACTS = ['sync', 'full', 'resume'] as const;
export type SpaceAct = (typeof SPACE_ACTS)[number];

export function isSpaceAct(text: string): text is SpaceAct {
  return (SPACE_ACTS as readonly string[]).includes(text);
}

/** What came of an act on several spaces. */
export interface Acted {
  readonly done: readonly string[];
  readonly refused: readonly { readonly user: string; readonly detail: string }[];
  /** Those that were not tried, as the API had refused to go on. */
  readonly leftOut: readonly string[];
}

/** Refusals that concern whoever asks, and so all that would follow. */
const ENDING: ReadonlySet<number> = new Set([401, 403, 429, 503]);
/** Names and reasons that a notice has room for; the others are counted. */
const MOST_TOLD = 5;

/** Does one thing to one space. */
export async function actOnSpace(ask: Ask, act: SpaceAct, user: string): Promise<Answer<unknown>> {
  if (act === 'resume') return await ask.send('POST', spaceOfApi(user, '/resume'));
  return await ask.send('POST', '/v2/admin/sync', { user, mode: act === 'full' ? 'full' : 'incremental' });
}

/** Does one thing to several spaces, one after the other, so that the crawler can work in between. */
export async function actOnSpaces(ask: Ask, act: SpaceAct, users: readonly string[]): Promise<Acted> {
  const done: string[] = [];
  const refused: Acted['refused'][number][] = [];
  for (const [at, user] of users.entries()) {
    const answer = await actOnSpace(ask, act, user);
    if (answer.isGood) {
      done.push(user);
      continue;
    }
    refused.push({ user, detail: answer.detail });
    if (ENDING.has(answer.status)) return { done, refused, leftOut: users.slice(at + 1) };
  }
  return { done, refused, leftOut: [] };
}

/** Tells what came of it: how many were done, and which were refused and why. */
export function actedNotice(act: SpaceAct, { done, refused, leftOut }: Acted): Notice {
  const { acts, spaces } = TEXTS.admin;
  const [some, none] = acts[act];
  const [first] = done;
  const told = done.length === 1 && first !== undefined ? `“${first}”` : counted(done.length, spaces.one, spaces.many);
  const parts = [
    done.length === 0 ? `${none}.` : `${some} ${told}.`,
    ...(refused.length === 0
      ? []
      : [`${acts.not} ${listed(refused.map(({ user, detail }) => `“${user}”: ${detail}`))}.`]),
    ...(leftOut.length === 0 ? [] : [`${acts.leftOut} ${listed(leftOut.map((user) => `“${user}”`))}.`]),
  ];
  return { kind: refused.length === 0 && done.length > 0 ? 'done' : 'trouble', text: parts.join(' ') };
}

function listed(items: readonly string[]): string {
  const more = items.length - MOST_TOLD;
  return [...items.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} ${TEXTS.admin.acts.more}`] : [])].join('; ');
}
