import type { DatabaseSettings } from '../../config/sections/data.js';
import { type FollowedChanges, followChanges } from '../../postgres/connection/changes.js';
import type { Connections, Database } from '../../postgres/connection/database.js';
import type { Admit } from '../../postgres/connection/history-guard.js';
import { createLines } from '../../postgres/connection/line.js';
import { createOutage, type Outage } from '../../postgres/connection/outage.js';
import { sleepInRealTime } from '../../webdav/transport/sleep.js';
import type { OpenIndexOptions } from './index-ports.js';
import { clientOf } from './postgres-client.js';

/** How time passes on this host. */
export const HERE = { monotonic: () => performance.now(), sleep: sleepInRealTime };

/** What tells whether an index has been written, and whether it can be reached. */
export interface LineOfIndex
  extends Pick<FollowedChanges, 'current' | 'ageOf' | 'mayHaveEnded' | 'distrust' | 'close'> {
  readonly outage: Outage;
}

/** Follows what is written once somebody asks: commands need no connection for that. */
export function followOnDemand(
  settings: DatabaseSettings,
  {
    admit,
    connections,
    db,
    onOutage,
  }: {
    readonly admit: Admit;
    readonly connections: Connections;
    readonly db: Database;
    readonly onOutage: OpenIndexOptions['onOutage'];
  },
): LineOfIndex {
  let followed: FollowedChanges | null = null;
  const outage = createOutage({
    isProven: () => followed?.isProven() ?? true,
    monotonic: HERE.monotonic,
    onTurn(isAway) {
      if (isAway) connections.giveUp?.();
      onOutage?.(isAway);
    },
  });
  const onTrouble = (wasGood: boolean) => {
    if (wasGood) connections.distrust?.();
    void outage.look(() => db.row('SELECT 1'));
  };
  const follow = () =>
    followChanges({
      openLine: createLines(clientOf(settings), admit),
      wall: Date.now,
      ...HERE,
      onProven: outage.noteProven,
      onTrouble,
    });
  return {
    outage,
    current() {
      followed ??= follow();
      return followed.current();
    },
    ageOf: (stamp) => followed?.ageOf(stamp) ?? Number.POSITIVE_INFINITY,
    mayHaveEnded: (stamp) => followed?.mayHaveEnded(stamp) ?? true,
    distrust: () => followed?.distrust(),
    async close() {
      await followed?.close();
    },
  };
}
