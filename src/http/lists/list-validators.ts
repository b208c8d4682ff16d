import { randomBytes } from 'node:crypto';
import { type Space, type SpaceState, stateOf } from '../../domain/model/space.js';
import type { Clock } from '../../domain/ports.js';
import { timestamp } from '../../wire/timestamp.js';

/** What an answer says of the space that it is of. */
export interface AboutSpace {
  readonly etag: string;
  /** ms since the epoch; null where there is no space. */
  readonly changedAt: number | null;
  /** The same as an HTTP-date (RFC 9110 5.6.7); empty for null. */
  readonly modified: string;
  /** When the list was last known to be whole, RFC 3339; empty for never. */
  readonly syncedOn: string;
  /** The end of the body, with the seconds that the answer took. */
  end(seconds: number): string;
}

type Condition = SpaceState | 'none';

/**
 * Says it, each time the same of the same space: `question` tells the answers about it from one another. A crash of
 * the machine may take back the last commits and their revision numbers with them, so ETags are those of one run.
 */
export function createAboutSpace(deps: { readonly clock: Clock; readonly syncIntervalMs: () => number }) {
  const epoch = randomBytes(6).toString('base64url');
  // By the space as it was read; dates take a microsecond to write.
  const known = new WeakMap<Space, { readonly state: Condition; readonly said: Said }>();
  const say = (space: Space | null, state: Condition): Said => {
    const before = space === null ? undefined : known.get(space);
    if (before?.state === state) return before.said;
    const changedAt = space === null ? null : (space.changedAt ?? space.addedAt);
    const syncedOn = timestamp(space?.lastSuccessAt ?? null) ?? '';
    const synced = syncedOn === '' ? 'null' : `"${syncedOn}"`;
    const index = `{"state":"${state}","synced_on":${synced}},"time":"`;
    const said = {
      tag: `${epoch}-${space?.id ?? 0}-${space?.revision ?? 0}`,
      changedAt,
      modified: changedAt === null ? '' : new Date(changedAt).toUTCString(),
      syncedOn,
      end: (seconds: number) => `${index}${seconds.toFixed(5)}s"}}`,
    };
    if (space !== null) known.set(space, { state, said });
    return said;
  };

  return {
    stateOf: (space: Space | null): Condition =>
      space === null ? 'none' : stateOf(space, deps.clock(), deps.syncIntervalMs()),
    about(space: Space | null, state: Condition, question: string): AboutSpace {
      const { tag, ...said } = say(space, state);
      return { etag: `W/"${tag}-${question}-${state}"`, ...said };
    },
  };
}

interface Said extends Omit<AboutSpace, 'etag'> {
  readonly tag: string;
}
