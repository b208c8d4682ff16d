import { isOwnForm } from './own-form.js';

/** Forms are short; a browser that sends more is not showing one of these pages. */
const MOST_BYTES = 65_536;
/** A page has a few fields, or one for each of its rows; each costs more than its letters, and anybody may send them. */
const MOST_FIELDS = 1_000;
const TYPE = 'application/x-www-form-urlencoded';

/** Why a form is not taken: it is of no page of this server; its length is not told; it is too long; it has too many fields. */
export type FormFault = 'forged' | 'unmeasured' | 'long' | 'many';

/**
 * Reads a form of a page of this server, or says why it is none that is taken. Who sent it is asked first, so that
 * whoever is another site learns nothing else. `publicOrigin` is that of `isOwnForm`.
 */
export async function readForm(request: Request, publicOrigin: string | null): Promise<FormData | FormFault> {
  const head = (name: string) => request.headers.get(name) ?? undefined;
  const sender = { site: head('sec-fetch-site'), origin: head('origin'), host: head('host') };
  if (!isOwnForm(sender, publicOrigin) || !(head('content-type') ?? '').startsWith(TYPE)) return 'forged';
  const length = head('content-length');
  if (length === undefined) return 'unmeasured';
  if (!(Number(length) <= MOST_BYTES)) return 'long';
  // Nobody is left to be answered if the body breaks off.
  const text = await request.text().catch(() => null);
  if (text === null) return 'forged';
  const fields = new URLSearchParams(text);
  if (fields.size > MOST_FIELDS) return 'many';
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

/** Returns a field of a form as it was typed; files are none. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** Returns a field of a form, without spaces around it. */
export function fieldOf(form: FormData, name: string): string {
  return textOf(form, name).trim();
}
