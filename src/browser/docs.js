/**
 * The page at `/docs`: shows the OpenAPI document by Swagger UI, in place of the list of calls. A call that is tried goes
 * to this origin alone, which the page's policy sees to, and without cookies. A token that is typed in is held by the page and gone with it: nothing is
 * stored. Without the library, or without the document, the list stays.
 */

/** @typedef {{ url: string, credentials?: string }} Call */
/** @typedef {{ servers: object[], paths: Record<string, Record<string, unknown>> }} ApiDocument */

/** What every resource has in the same form is said once above. */
const COMMON = ['head', 'options'];

const calls = partOf('calls');
const standing = partOf('standing');
const address = /** @type {HTMLAnchorElement} */ (partOf('document')).href;

calls.hidden = true;
standing.textContent = 'Loading …';
const coming = fetchDocument();
followSystem(matchMedia('(prefers-color-scheme: dark)'));

// By then the library has run, or failed to.
const ready = new Promise((resolve) => addEventListener('DOMContentLoaded', resolve, { once: true }));
Promise.all([coming, ready])
  .then(([shown]) => show(shown))
  .catch(giveUp);

/** @param {string} id */
function partOf(id) {
  const part = document.getElementById(id);
  if (part === null) throw new Error(`the page has no part "${id}"`);
  return part;
}

/** @returns {Promise<ApiDocument>} */
async function fetchDocument() {
  const response = await fetch(address, { credentials: 'omit' });
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  const shown = /** @type {ApiDocument} */ (await response.json());
  // Where this page came from, whatever address the API has for others.
  shown.servers = [{ url: new URL('.', address).href.replace(/\/$/, '') }];
  for (const item of Object.values(shown.paths)) for (const method of COMMON) delete item[method];
  return shown;
}

/** @param {ApiDocument} spec */
function show(spec) {
  const { SwaggerUIBundle } = /** @type {{ SwaggerUIBundle?: (settings: object) => void }} */ (
    /** @type {unknown} */ (window)
  );
  if (SwaggerUIBundle === undefined) throw new Error('the library could not be loaded');
  SwaggerUIBundle({
    spec,
    domNode: partOf('reference'),
    deepLinking: true,
    docExpansion: 'list',
    displayRequestDuration: true,
    // Nothing of the page's own address is read, no other address is asked, and nothing is kept.
    queryConfigEnabled: false,
    validatorUrl: null,
    persistAuthorization: false,
    withCredentials: false,
    requestInterceptor: withoutCookies,
    plugins: [withoutHead],
    onComplete: () => {
      standing.textContent = '';
    },
  });
}

/** @param {Call} call */
function withoutCookies(call) {
  call.credentials = 'omit';
  return call;
}

/** Title and description stand above, in the page itself. */
function withoutHead() {
  return { wrapComponents: { InfoContainer: () => () => null } };
}

/** @param {MediaQueryList} dark */
function followSystem(dark) {
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', apply);
  apply();
}

/** @param {unknown} error */
function giveUp(error) {
  calls.hidden = false;
  const why = error instanceof Error ? error.message : String(error);
  standing.textContent = `Calls cannot be tried here: ${why}. Reload the page to try again.`;
}
