/** The event that tells, at an element, that it is new or has new contents. */
const SHOWN = 'console:shown';

/**
 * Calls a function with the whole page, and then with every part that is replaced.
 * @param {(part: ParentNode) => void} look
 */
export function whenShown(look) {
  look(document);
  document.addEventListener(SHOWN, ({ target }) => {
    if (target instanceof Element) look(target);
  });
}

/**
 * Replaces what is in an element by nodes of a document of this server, and keeps the focus where an element of the same
 * id has taken its place.
 * @param {Element} part
 * @param {Node[]} nodes
 */
export function replaceIn(part, nodes) {
  const focused = part.contains(document.activeElement) ? document.activeElement?.id : '';
  part.replaceChildren(...nodes);
  if (focused) document.getElementById(focused)?.focus();
  part.dispatchEvent(new CustomEvent(SHOWN, { bubbles: true }));
}

/**
 * Reads a text out to those who don't see it.
 * @param {string} text
 */
export function say(text) {
  const said = document.getElementById('said');
  if (said !== null) said.textContent = text;
}

/**
 * Returns a text of these modules, which the page brings along in its own language.
 * @param {string} name
 */
export function textOf(name) {
  return document.getElementById('said')?.getAttribute(`data-word-${name}`) ?? '';
}

/**
 * How often each part was fetched, by its id.
 * @type {Map<string, number>}
 */
const fetches = new Map();

/**
 * Fetches a page of this server anew and replaces this part of it; loads it as a whole if it has none of that id, as the
 * page that asks to sign in. Returns the new part, or null if there is none, or if it was fetched again meanwhile: the
 * answer to an earlier question may come later.
 * @param {string} id
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
export async function fetchPart(id, address, signal) {
  const turn = (fetches.get(id) ?? 0) + 1;
  fetches.set(id, turn);
  const response = await fetch(address, { headers: { accept: 'text/html' }, signal: signal ?? null });
  const fetched = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
  if (signal?.aborted || fetches.get(id) !== turn) return null;
  const part = document.getElementById(id);
  if (fetched === null || part === null) {
    location.assign(address);
    return null;
  }
  replaceIn(part, [...fetched.childNodes]);
  return part;
}
