import type { Answer } from '../visit/ask.js';
import type { Page } from '../visit/visit.js';
import { Refusal } from './notice.js';

/** A page in place of what the API did not give. */
export function refused(title: string, { status, detail }: Extract<Answer<unknown>, { isGood: false }>): Page {
  return { title, status, body: <Refusal detail={detail} /> };
}
