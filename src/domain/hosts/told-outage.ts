import type { ListingFailure } from '../model/listing.js';
import type { SpaceSettings } from '../model/space.js';
import type { OutageKind } from './host-outage.js';

/** An outage of a storage, as a crawler tells it to the others that share its index. */
export interface ToldOutage {
  /** What it concerns; see `toldNameOf`. */
  readonly storage: string;
  /** Who has met it. */
  readonly owner: string;
  readonly kind: OutageKind;
  /** The failure that it began with, and its words. */
  readonly failure: ListingFailure;
  readonly detail: string;
  /** In ms since the epoch. */
  readonly since: number;
}

/**
 * Names what an outage of a place concerns, alike at all crawlers: its host, the proxy if there is one, and, if it may lie at the
 * file of a token, that file. Nothing secret takes part. Who connects otherwise in other respects may be told of an outage
 * that it doesn't have, which costs a request.
 */
export function toldNameOf(kind: OutageKind, { url, auth, connection }: Place): string {
  const proxy = connection?.proxy ?? null;
  const host = `${new URL(url).origin}${proxy === null ? '' : ` by ${proxy.url}`}`;
  return kind === 'silent' && 'tokenFile' in auth ? `${host} with ${auth.tokenFile}` : host;
}

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** Whether others are told of an outage: a file that one space alone takes its token from is no trouble of theirs. */
export function isToldOf(kind: OutageKind, { auth }: Pick<Place, 'auth'>, spaces: number): boolean {
  return kind !== 'silent' || !('tokenFile' in auth) || spaces > 1;
}

/**
 * What a crawler does about an outage that another tells: nothing, believe it and leave the storage alone, ask the storage
 * once before it does, or contradict, so that the other one leaves the spaces there to those who can sync them.
 */
export type Heeding = 'nothing' | 'believe' | 'ask' | 'contradict';

/**
 * What the storage itself has said, that it is busy or being maintained, holds for all. A silence may be one between that
 * crawler and the storage. An outage that began before the storage last let a request through here, at `answeredAt`, is that
 * crawler's alone, such as where a storage refuses one address.
 */
export function heedingOf(
  { kind, since }: Pick<ToldOutage, 'kind' | 'since'>,
  here: { readonly isDown: boolean; readonly answeredAt: number },
): Heeding {
  if (here.isDown) return 'nothing';
  if (since <= here.answeredAt) return 'contradict';
  return kind === 'silent' ? 'ask' : 'believe';
}

/**
 * Since when an outage lasts that was met here and that others tell of, too: all crawlers say the same, but for one that
 * the storage has answered meanwhile.
 */
export function commonSince(since: number, told: readonly number[], answeredAt: number): number {
  return Math.min(since, ...told.filter((each) => each > answeredAt));
}

/** Whether a storage is to be asked at once: somebody who told of its outage, or who was believed, tells of it no longer. */
export function isNewsOfEnd(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  return [...before].some((owner) => !now.has(owner));
}
