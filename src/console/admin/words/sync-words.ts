import { counted, grouped } from '../../../domain/text/counted.js';
import { spanOf } from '../../../domain/text/span.js';
import type { SyncJson } from '../../../wire/sync.js';
import type { Tone } from '../../parts/badge.js';
import { TEXTS } from '../../texts/texts.js';

const { syncs: texts, space } = TEXTS.admin;

/** Returns how a sync ended or that it hasn't, in a word, and how good that is. */
export function resultOf({ status, failures }: Pick<SyncJson, 'status' | 'failures'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  if (status === 'PROCESSED' && failures > 0) return { word: texts.partly, tone: 'waiting' };
  const tones = {
    PENDING: 'plain',
    IN_PROGRESS: 'waiting',
    PROCESSED: 'good',
    ERROR: 'bad',
    CANCELLED: 'plain',
  } as const;
  return { word: texts.statuses[status], tone: tones[status] };
}

/** Returns a length of time as people say it: "0.4 s", "12 min 5 s". */
export function durationText(seconds: number): string {
  return seconds < 10 ? `${Math.round(seconds * 10) / 10} s` : spanOf(Math.round(seconds) * 1_000);
}

/** How far a running sync has come. */
export interface Progress {
  readonly text: string;
  /** Folders that are done and those there are; null if nobody knows how many. */
  readonly bar: { readonly done: number; readonly all: number } | null;
}

/** Returns how far a running sync has come: of the folders of the last one like it or, if they are more, those known by now. */
export function progressOf(
  sync: Pick<SyncJson, 'collections' | 'failures' | 'waiting' | 'expected_collections'>,
): Progress {
  const done = sync.collections + sync.failures;
  if (sync.expected_collections === null) {
    return { text: counted(done, space.folder, space.foldersMany), bar: null };
  }
  const all = Math.max(sync.expected_collections, done + sync.waiting);
  return { text: `${grouped(done)} ${texts.of} ${counted(all, space.folder, space.foldersMany)}`, bar: { done, all } };
}
