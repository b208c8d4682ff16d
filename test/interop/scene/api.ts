import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { SpaceState } from '../../../src/domain/model/space.js';
import { checkedFetch } from '../../support/checked-fetch.js';

/** The parts of the API's answers that these tests look at. */
export interface ImageList {
  readonly data: readonly { readonly id: number; readonly name: string; readonly path: ResourcePath }[];
  readonly meta: { readonly count: number; readonly user: string; readonly index: { readonly state: SpaceState } };
}

export interface SpaceReport {
  readonly user: string;
  readonly state: SpaceState;
  readonly revision: number;
  readonly images: number;
  readonly last_error: { readonly message: string } | null;
}

/** The API of a running daemon, as the holder of a token sees it. */
export interface Api {
  get(path: string): Promise<Response>;
  post(path: string, body: object): Promise<Response>;
  images(): Promise<ImageList>;
  /** Of one user, for admins. */
  space(user: string): Promise<SpaceReport>;
}

/** No answer of a healthy daemon takes that long, not even a list of 20,000 images. */
const ANSWER_WITHIN_MS = 20_000;

export function connectApi(baseUrl: string, token: string): Api {
  const ask = (path: string, init: RequestInit = {}) =>
    checkedFetch(`${baseUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  const read = async (response: Response): Promise<unknown> => {
    if (response.ok) return response.json();
    throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  };
  return {
    get: (path) => ask(path),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    images: async () => (await read(await ask('v2/image'))) as ImageList,
    async space(user) {
      const { data } = (await read(await ask('v2/admin/space'))) as { data: SpaceReport[] };
      const space = data.find((each) => each.user === user);
      if (space === undefined) throw new Error(`the API knows no space of ${user}: ${JSON.stringify(data)}`);
      return space;
    },
  };
}
