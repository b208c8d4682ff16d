import { fetchPart, say } from './page.js';

/** Somebody who types pauses for longer between words than between letters. */
const PAUSE_MS = 150;

/** Has forms with `data-filters` show the list of that id as one types; the newest answer wins. */
export function followFilters() {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-filters]'))) {
    follow(form);
  }
}

/** @param {HTMLFormElement} form */
function follow(form) {
  const id = form.dataset['filters'] ?? '';
  /** @type {AbortController | undefined} */
  let asking;
  let timer = 0;
  const show = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const address = addressOf(form);
    // Whatever else shows the list anew from now on shows this one.
    history.replaceState(null, '', address);
    const list = document.getElementById(id);
    list?.setAttribute('aria-busy', 'true');
    try {
      const part = await fetchPart(id, address, signal);
      if (part === null) return;
      say(part.querySelector('[data-count]')?.textContent ?? '');
    } catch {
      // Given up for a newer one; else the button of the form still asks.
    } finally {
      if (asking?.signal === signal) list?.removeAttribute('aria-busy');
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void show();
  });
  // Somebody may have typed before this was loaded, and a browser may have brought back what was typed.
  if ([...form.elements].some(isEdited)) void show();
}

/**
 * Whether a field says something else than the page came with.
 * @param {Element} field
 */
function isEdited(field) {
  if (field instanceof HTMLInputElement) {
    return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  }
  if (!(field instanceof HTMLSelectElement)) return false;
  const options = [...field.options];
  const first = options.find(({ defaultSelected }) => defaultSelected) ?? options[0];
  return first !== undefined && field.value !== first.value;
}

/** @param {HTMLFormElement} form */
function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value !== '') query.append(name, value);
  }
  const { origin, pathname } = new URL(form.action);
  return query.size === 0 ? origin + pathname : `${origin}${pathname}?${query}`;
}
