import { adviceOnHeld } from '../lists/held-list.js';
import type { Space } from '../model/space.js';
import { counted } from '../text/counted.js';
import { type Finding, RENEW_LINK } from './finding.js';

/**
 * Lists what the index says is wrong with a space, and what to do about it. `now` is in ms since the epoch; `isLinked`: its user
 * has connected it.
 */
export function diagnoseSpace(space: Space, now: number, isLinked = false): readonly Finding[] {
  const advice = adviceOnHeld(space);
  const held =
    advice === null
      ? []
      : [problem(space, heldMessage(space), `ovadex held --user ${space.user} lists them; ${advice}`)];
  return [...troubleOf(space, now, isLinked), ...held];
}

function troubleOf(space: Space, now: number, isLinked: boolean): readonly Finding[] {
  const { user, trouble } = space;
  if (trouble === null) return [];
  const { kind, message } = trouble;
  const since = `since ${timestamp(trouble.at)}`;
  const logged = 'ovadex requests list --user';
  switch (kind) {
    case 'unauthorized': {
      const mend = `correct its auth settings, and it resumes by itself; to try it right now: ovadex resume --user ${user}`;
      const action = isLinked ? RENEW_LINK : mend;
      return [problem(space, `suspended ${since} because its storage refused the credentials: ${message}`, action)];
    }
    case 'failed': {
      const action = `check the storage: ${nextSync(space, now)}; for the errors of recent syncs: ${logged} ${user}`;
      return [problem(space, `failing ${since}: ${message}; the list stays as it was`, action)];
    }
    case 'incomplete': {
      const action = `check why the storage does not list it; for the errors of recent syncs: ${logged} ${user}`;
      return [{ ...problem(space, `incomplete ${since}: ${message}`, action), severity: 'warning' }];
    }
  }
}

function heldMessage({ heldRemovals, heldReasons }: Space): string {
  const told = heldReasons.length === 0 ? '' : `: ${heldReasons.join('; ')}`;
  return `the removal of ${counted(heldRemovals ?? 0, 'image')} is held back${told}`;
}

function nextSync({ nextSyncAt }: Space, now: number): string {
  // One that is due may wait for its turn, or for a daemon that doesn't run.
  const isAhead = nextSyncAt !== null && nextSyncAt > now;
  return isAhead ? `it will be retried at ${timestamp(nextSyncAt)}` : 'the next sync will retry';
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

function problem({ user }: Space, message: string, action: string): Finding {
  return { area: 'space', subject: user, severity: 'problem', message, action };
}
