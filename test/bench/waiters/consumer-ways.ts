/** Asks for a path with one kept connection; rejects if the answer is neither 200 nor 304. */
export type Ask = (path: string, headers?: Readonly<Record<string, string>>) => Promise<{ etag: string; body: string }>;

/** One client's minute, in which one image changes. */
export type Minute = (ask: Ask, change: () => unknown) => Promise<void>;

const LIST = '/v2/image';
const WAIT = { prefer: 'wait=60' };

/** How a consumer keeps up with a list: its name, whether it waits all the time, and what it does in a minute. */
export const WAYS: readonly (readonly [name: string, waits: boolean, minuteOf: () => Minute])[] = [
  [
    'list every 30 s, without ETag',
    false,
    () => async (ask, change) => {
      await change();
      for (let n = 0; n < 2; n++) await ask(LIST);
    },
  ],
  [
    'list every 30 s, with ETag',
    false,
    () => {
      let etag = '';
      return async (ask, change) => {
        await change();
        for (let n = 0; n < 2; n++) ({ etag } = await ask(LIST, conditional(etag)));
      };
    },
  ],
  [
    'list with Prefer: wait',
    true,
    () => {
      let etag = '';
      return async (ask, change) => {
        if (etag === '') ({ etag } = await ask(LIST));
        const answer = ask(LIST, { ...WAIT, ...conditional(etag) });
        await change();
        ({ etag } = await answer);
      };
    },
  ],
  [
    'changes with Prefer: wait',
    true,
    () => {
      let since = '';
      return async (ask, change) => {
        while (since === '') since = await wholeList(ask);
        const answer = ask(`${LIST}/changes?since=${since}`, WAIT);
        await change();
        since = pointOf((await answer).body).since;
      };
    },
  ],
];

function conditional(etag: string): Record<string, string> {
  return etag === '' ? {} : { 'if-none-match': etag };
}

/** Reads all pages of changes from the start; returns the point to go on from. */
async function wholeList(ask: Ask): Promise<string> {
  let point = { since: '', hasMore: true };
  while (point.hasMore) {
    const query = point.since === '' ? '' : `?since=${point.since}`;
    point = pointOf((await ask(`${LIST}/changes${query}`)).body);
  }
  return point.since;
}

function pointOf(body: string): { readonly since: string; readonly hasMore: boolean } {
  const { meta } = JSON.parse(body) as { meta: { next_since: string; has_more: boolean } };
  return { since: meta.next_since, hasMore: meta.has_more };
}
