import type { Chance } from '../chance.js';
import type { PlannedFault } from '../history.js';

type Drawn = Omit<PlannedFault, 'times' | 'after' | 'below' | 'depth' | 'method'>;

const STATUSES = [204, 400, 401, 403, 404, 405, 410, 423, 425, 429, 500, 502, 503, 504, 507, 509, 520] as const;
const DOCUMENTS = [
  '',
  '{}',
  '<!DOCTYPE html><title>Log in</title>',
  '<D:error xmlns:D="DAV:"/>',
  '<D:multistatus xmlns:D="DAV:"/>',
];
const SELVES = ['omitted', 'file', 'forbidden', 'elsewhere', 'twice'] as const;
const FRAMINGS = ['content-length', 'chunked', 'close'] as const;

/** A response that lies outside of a space, unless that is the whole of its server. */
const OUTSIDER =
  '<D:response><D:href>/nowhere/else.ova</D:href><D:propstat><D:prop><D:resourcetype/></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>';
/** Responses that don't belong into any listing. */
const STRANGERS = [
  '<D:response><D:href>/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>',
  '<D:response><D:status>HTTP/1.1 200 OK</D:status></D:response>',
];

/**
 * A fault of any kind for a collection with these names in it. Stalls take real time and are rare.
 * `selfAsFile`: where only a slash tells collections from files, the root can't be shown as a file.
 * `outsider`: the space is not the whole of its server. `lie`: what nobody can tell from the truth.
 */
export function drawFault(
  chance: Chance,
  names: readonly string[],
  may: { readonly selfAsFile: boolean; readonly outsider: boolean; readonly lie: boolean },
): PlannedFault {
  const selves = SELVES.filter((self) => self !== 'file' || may.selfAsFile);
  const someNames = () => chance.some(names, chance.int(1, 3));
  const drawn = chance.weigh<() => Drawn>(
    [22, () => withRetryAfter(chance, { status: chance.pick(STATUSES) })],
    [3, () => ({ redirect: chance.pick(['/login', 'https://sso.example.org/?token=secret-1', '/']) })],
    [2, () => ({ redirect: '/elsewhere/', status: chance.pick([302, 303, 307, 308]) })],
    [3, () => ({ html: true })],
    [4, () => ({ body: chance.pick(DOCUMENTS) })],
    [6, () => ({ reset: true })],
    [14, () => ({ cutAtByte: cutAt(chance, names.length), framing: chance.pick(FRAMINGS), gzip: chance.happens(0.2) })],
    [1, () => ({ stall: chance.pick(['head', 'body'] as const) })],
    [8, () => ({ self: chance.happens(0.3) ? 'omitted' : chance.pick(selves) })],
    [may.lie ? 6 : 0, () => ({ forget: someNames() })],
    [may.lie ? 7 : 0, () => ({ blank: true })],
    [
      6,
      () => ({ childStatus: Object.fromEntries(someNames().map((name) => [name, chance.pick([403, 404, 500, 503])])) }),
    ],
    [3, () => ({ repeat: true })],
    [4, () => ({ pageSize: chance.int(1, 3) })],
    [2, () => ({ linkNext: '?page=2' })],
    [4, () => ({ fitsOnly: chance.int(0, Math.max(3, names.length - 1)), isFullAtMember: chance.happens(0.5) })],
    [4, () => ({ trailing: chance.pick(['Internal Server Error', '\n\n', '<D:multistatus xmlns:D="DAV:"/>']) })],
    [4, () => ({ extraResponses: chance.pick(may.outsider ? [OUTSIDER, ...STRANGERS] : STRANGERS) })],
    [4, () => ({ gzip: true, framing: chance.pick(FRAMINGS) })],
    [2, () => ({ delayMs: chance.int(1, 3) })],
  )();
  const times = drawn.stall === undefined ? chance.weigh([4, chance.int(1, 3)], [3, null]) : chance.int(1, 3);
  const depth = chance.weigh([8, null], [1, '0' as const], [1, '1' as const]);
  return {
    ...drawn,
    method: 'PROPFIND',
    ...(times === null ? {} : { times }),
    ...(depth === null ? {} : { depth }),
    ...(chance.happens(0.25) ? { below: true } : {}),
    ...(chance.happens(0.1) ? { after: chance.int(1, 2) } : {}),
  };
}

/** What a storage that is not mounted may look like: its parent forgets it, and itself it answers with trouble. */
export function drawForgottenTrouble(chance: Chance): PlannedFault {
  const trouble = chance.pick<Drawn>([
    { status: 403 },
    { status: 500 },
    { status: 503 },
    { html: true },
    { reset: true },
  ]);
  return { ...trouble, method: 'PROPFIND', below: true };
}

function withRetryAfter(chance: Chance, fault: Drawn): Drawn {
  if (fault.status !== 429 && fault.status !== 503) return fault;
  if (chance.happens(0.4)) return fault;
  return {
    ...fault,
    retryAfterMs: chance.pick([0, 1_000, 3_000, 20_000, 400_000]),
    isRetryAfterDate: chance.happens(0.3),
  };
}

/** Somewhere in a document with so many members, or a little behind it. */
function cutAt(chance: Chance, members: number): number {
  return chance.weigh([1, 0], [1, chance.int(1, 60)], [8, chance.int(60, 300 + 450 * (members + 1))]);
}
