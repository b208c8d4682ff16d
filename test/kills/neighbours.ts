import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, exitCodeOf } from '../../src/cli/terminal/exit-code.js';
import { OvadexError } from '../../src/domain/model/errors.js';
import type { Chance } from '../soak/chance.js';
import type { Ovadex } from '../support/process/ovadex.js';
import { askByShell } from '../support/process/sqlite-shell.js';

/** What others did with an index beside its daemon. */
export interface NeighbourTally {
  /** Of another program that opens it, looks and closes it. */
  looks: number;
  backups: number;
  /** Restores that were refused since a daemon runs. */
  refused: number;
  /** Those that found none any more: what was answered before is not to be held against the index then. */
  restored: number;
}

export interface Neighbours {
  /** Tries to put the newest backup into the place of the index; where there is one. */
  restore(): Promise<void>;
  /** Ends them when they have done what they were at. */
  stop(): Promise<NeighbourTally>;
}

/** A backup is a second of work: in every fourth round. */
const BACKUPS = 0.25;
const PAUSE_MS = 20;
const CONFLICT = exitCodeOf(new OvadexError('conflict', ''));

/** Looks, backs up and tries to restore, until it is stopped. */
export function startNeighbours(ovadex: Ovadex, file: string, chance: Chance): Neighbours {
  const tally: NeighbourTally = { looks: 0, backups: 0, refused: 0, restored: 0 };
  const copies = join(dirname(ovadex.configFile), 'copies');
  mkdirSync(copies, { recursive: true });
  let isOver = false;

  const look = async () => {
    while (!isOver) {
      // Where there is none, the shell would make one.
      if (existsSync(file) && (await askByShell(file, 'SELECT count(*) FROM images')).code === 0) tally.looks++;
      await delay(PAUSE_MS);
    }
  };
  const backUp = async () => {
    if (!chance.happens(BACKUPS)) return;
    const { code, stderr } = await ovadex.start('db', 'backup', copies, '--keep', '2');
    if (code === EXIT.ok) tally.backups++;
    else if (code !== EXIT.notFound) throw new Error(`a backup ended with ${code}: ${stderr}`);
  };
  const working = Promise.all([look(), backUp()]);
  working.catch(() => undefined); // it is asked for in the end
  return {
    async restore() {
      const newest = readdirSync(copies)
        .filter((name) => name.endsWith('.db'))
        .sort()
        .at(-1);
      if (newest === undefined) return;
      const { code, stderr } = await ovadex.start('db', 'restore', join(copies, newest));
      if (code === CONFLICT) tally.refused++;
      else if (code === EXIT.ok) tally.restored++;
      else throw new Error(`a restore ended with ${code}: ${stderr}`);
    },
    async stop() {
      isOver = true;
      await working;
      return tally;
    },
  };
}
