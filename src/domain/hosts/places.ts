/** A host that asks a storage, as all the others know it. Times are in ms since the epoch. */
export interface PlaceHolder {
  readonly owner: string;
  /** The most requests that it knows the storage to take at a time. */
  readonly limit: number;
  /** How many requests it would have under way, if it had places for all. */
  readonly wants: number;
  /** How many it may have under way. */
  readonly places: number;
  /** Since when it has had places, or has waited for one. */
  readonly since: number;
  /** When its lease ends: from then on it begins no request. */
  readonly until: number;
}

/** What a host asks for when it renews its lease. */
export interface AskedPlaces {
  readonly owner: string;
  readonly limit: number;
  readonly wants: number;
  /** It uses no more places than this from now on; those that it was told to give back are free once it says so. */
  readonly atMost: number;
  readonly leaseMs: number;
}

export interface RenewedPlaces {
  /** The row from now on; null if neither holds nor wants anything. */
  readonly holder: PlaceHolder | null;
  readonly places: number;
  /** Its fair share. What it has beyond, it has to give back as its requests end; what it lacks, others give back. */
  readonly share: number;
}

/**
 * How long a host keeps its places although others wait for one, where there are fewer places than hosts: many requests are
 * answered meanwhile, and a dozen hosts that take turns come round within the time that a person waits.
 */
const TURN_MS = 10_000;

/**
 * Divides the places at a storage: each host gets as many as it wants, as long as none that wants more has fewer. If there
 * are not enough for one each, they take turns.
 */
export function sharesOf(limit: number, holders: readonly PlaceHolder[], now: number): ReadonlyMap<string, number> {
  const inTurn = [...holders].sort(
    (a, b) => rankOf(a, now) - rankOf(b, now) || a.since - b.since || (a.owner < b.owner ? -1 : 1),
  );
  const shares = new Map(inTurn.map(({ owner }) => [owner, 0]));
  let left = limit;
  for (let round = 1; left > 0; round++) {
    const wanting = inTurn.filter(({ wants }) => wants >= round);
    if (wanting.length === 0) break;
    for (const { owner } of wanting.slice(0, left)) shares.set(owner, round);
    left -= Math.min(left, wanting.length);
  }
  return shares;
}

/** Whose turn goes on comes before those who wait, and these before those whose turn is over. */
function rankOf({ places, since }: PlaceHolder, now: number): number {
  if (places === 0) return 1;
  return now - since < TURN_MS ? 0 : 2;
}

/**
 * Renews a host's lease, given the rows of all. Together they never have more places than the storage takes: nobody gets one
 * that another has, until that one has said that it uses it no longer, or its lease has ended.
 */
export function renewPlaces(asked: AskedPlaces, rows: readonly PlaceHolder[], now: number): RenewedPlaces {
  const { owner, wants, atMost, leaseMs } = asked;
  const live = rows.filter(({ until }) => until > now);
  const others = live.filter((row) => row.owner !== owner);
  const mine = live.find((row) => row.owner === owner);
  const limit = Math.min(asked.limit, ...others.map((row) => row.limit));
  const held = Math.min(mine?.places ?? 0, atMost);
  // Whoever has just given its last place back waits behind those who have waited.
  const since = mine === undefined || (mine.places > 0 && held === 0) ? now : mine.since;
  const before: PlaceHolder = { owner, limit: asked.limit, wants, places: held, since, until: now + leaseMs };
  const share = sharesOf(limit, [...others, before], now).get(owner) ?? 0;
  const free = limit - others.reduce((sum, { places }) => sum + places, 0);
  const places = Math.max(held, Math.min(share, free));
  if (places === 0 && wants === 0) return { holder: null, places, share };
  return { holder: { ...before, places, since: held === 0 && places > 0 ? now : since }, places, share };
}
