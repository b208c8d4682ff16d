import { createConsole } from '../../src/console/console.js';
import type { Fetch } from '../../src/http/reply/context.js';

const ORIGIN = 'https://vss-api.example.org';

/** A page as a browser gets it. */
export interface ShownPage {
  readonly status: number;
  readonly html: string;
  /** Where the browser is sent on to, below the console; null if it stays. */
  readonly location: string | null;
  readonly headers: Headers;
}

/** What each of these tests needs of a console; the rest is as it is without. */
export interface ConsoleSceneDeps {
  /** The API that the pages ask. */
  readonly api: Fetch;
  readonly clock: () => number;
  readonly publicUrl?: string | null;
}

/** Creates the console over an API, and browsers that look at it. */
export function createConsoleScene({ api, clock, publicUrl = ORIGIN }: ConsoleSceneDeps) {
  const ends: (() => void)[] = [];
  const fetchPage = createConsole({
    api,
    publicUrl,
    assets: { style: '/assets/console.css', scripts: [], answer: () => null },
    signIns: [],
    endToken: () => undefined,
    clock,
    logger: { error: () => undefined },
    atStop: (end) => void ends.push(end),
  });

  const ask = async (path: string, init: RequestInit = {}) =>
    await fetchPage(new Request(`${ORIGIN}/console${path}`, init), {});

  /** Sends a form as a page of this server does, unless other headers are given. */
  const sendForm = async (
    path: string,
    fields: Readonly<Record<string, string>>,
    other: Readonly<Record<string, string>> = {},
  ) => {
    const body = new URLSearchParams(fields).toString();
    const headers = { ...FORM, 'content-length': `${body.length}`, 'sec-fetch-site': 'same-origin', ...other };
    return await ask(path, { method: 'POST', headers, body });
  };

  /** Signs in with a token; the browser keeps its cookie. */
  const signIn = async (token: string) => {
    const response = await sendForm('/sign-in', { token });
    const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
    if (cookie === '') throw new Error(`nobody was signed in: ${response.status}`);

    const open = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      ask(path, { headers: { cookie, ...headers } });
    const get = async (path: string) => shownOf(await open(path));
    const formToken = async () => /name="form" value="([^"]+)"/.exec((await get('/images')).html)?.[1] ?? '';
    return {
      cookie,
      /** Answers as they come, for whatever is no page. */
      open,
      get,
      formToken,
      /** Sends a form as a page of this session does, unless other headers or another token are given. */
      async post(
        path: string,
        fields: Readonly<Record<string, string>> = {},
        other: Readonly<Record<string, string>> = {},
      ) {
        return shownOf(await sendForm(path, { form: await formToken(), ...fields }, { cookie, ...other }));
      },
    };
  };

  return {
    ask,
    sendForm,
    signIn,
    /** What a stop of the daemon does. */
    stop() {
      for (const end of ends) end();
    },
  };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function shownOf(response: Response): Promise<ShownPage> {
  const location = response.headers.get('location');
  return {
    status: response.status,
    html: await response.text(),
    location: location?.replace(/^\/console/, '') ?? null,
    headers: response.headers,
  };
}

/** Returns the text that a page shows, without its tags. */
export function textOf({ html }: Pick<ShownPage, 'html'>): string {
  return html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}
