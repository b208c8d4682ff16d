import { counted, grouped } from '../../domain/text/counted.js';
import type { SyncJson } from '../../wire/sync.js';
import { TEXTS } from '../texts/texts.js';
import type { Tone } from './badge.js';
import { Told } from './told.js';

const { syncs: texts } = TEXTS;

/** More are a matter for an administrator. */
const MOST_TROUBLES = 5;
export const SYNC_TONES: Readonly<Record<SyncJson['status'], Tone>> = {
  PENDING: 'waiting',
  IN_PROGRESS: 'waiting',
  PROCESSED: 'good',
  ERROR: 'bad',
  CANCELLED: 'plain',
};
const TOLD: Readonly<Record<SyncJson['status'], string>> = {
  PENDING: texts.waits,
  IN_PROGRESS: texts.running,
  PROCESSED: texts.done,
  ERROR: texts.failed,
  CANCELLED: texts.cancelled,
};

/** Whether a sync has ended. */
export function isEnded({ status }: Pick<SyncJson, 'status'>): boolean {
  return status !== 'PENDING' && status !== 'IN_PROGRESS';
}

/** What is said of a sync, in one sentence. */
export function saidOf({ status }: Pick<SyncJson, 'status'>): string {
  return TOLD[status];
}

/** How far a sync is, or how it ended. */
export function SyncProgress({ sync }: { readonly sync: SyncJson }) {
  const { collections, expected_collections: expected, status } = sync;
  const isKnown = status === 'IN_PROGRESS' && expected !== null && expected > 0;
  return (
    <div class="card progress">
      <p>
        <strong>{saidOf(sync)}</strong>
      </p>
      {status === 'PENDING' && <progress aria-label={texts.label} />}
      {status === 'IN_PROGRESS' && (
        <progress
          aria-label={texts.label}
          value={isKnown ? Math.min(collections, expected) : undefined}
          max={isKnown ? expected : undefined}
        />
      )}
      {status !== 'PENDING' && <p class="muted">{isEnded(sync) ? resultText(sync) : progressText(sync)}</p>}
      <Troubles sync={sync} />
    </div>
  );
}

/** What could not be done, and where; the first few. */
export function Troubles({ sync }: { readonly sync: Pick<SyncJson, 'message'> }) {
  const all = [...sync.message.errors, ...sync.message.warnings];
  if (all.length === 0) return null;
  const left = all.length - MOST_TROUBLES;
  return (
    <ul class="steps">
      {all.slice(0, MOST_TROUBLES).map((trouble) => (
        <li>
          <Told text={trouble} />
        </li>
      ))}
      {left > 0 && (
        <li>
          {grouped(left)} {texts.more}
        </li>
      )}
    </ul>
  );
}

/** Returns how far a running sync is: folders, images, rate, time left. */
export function progressText(sync: SyncJson): string {
  const {
    collections,
    expected_collections: expected,
    images,
    collections_per_second: rate,
    seconds_left: left,
  } = sync;
  const { one, many } = TEXTS.images;
  const whole = expected !== null && expected >= collections ? ` ${texts.of} ${grouped(expected)}` : '';
  return [
    `${grouped(collections)}${whole} ${(expected ?? collections) === 1 ? texts.folder : texts.folders}`,
    counted(images, one, many),
    ...(rate === null ? [] : [`${rate} ${texts.folders} ${texts.rate}`]),
    ...(left === null ? [] : [`${texts.left} ${spanText(left)} ${texts.leftAfter}`]),
  ].join(', ');
}

/** Returns what an ended sync has found: "3 new, 1 gone; 2 folders could not be seen". */
export function resultText({ added, changed, deleted, failures }: SyncJson): string {
  const found = [
    ...(added === 0 ? [] : [`${grouped(added)} ${texts.added}`]),
    ...(changed === 0 ? [] : [`${grouped(changed)} ${texts.changed}`]),
    ...(deleted === 0 ? [] : [`${grouped(deleted)} ${texts.deleted}`]),
  ];
  const unseen = failures === 0 ? '' : `; ${counted(failures, texts.folder, texts.folders)} ${texts.unlisted}`;
  return `${found.length === 0 ? texts.unchanged : found.join(', ')}${unseen}`;
}

/** Returns a number of seconds in the unit that says most: "40 s", "5 min", "2 h". */
export function spanText(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6_000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
}
