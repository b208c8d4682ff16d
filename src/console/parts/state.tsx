import type { ImageJson } from '../../wire/image.js';
import { TEXTS } from '../texts/texts.js';
import { Badge, type Tone } from './badge.js';

/** States that can be filtered by, and their tones. */
export const TONES: Readonly<Record<ImageJson['state'], Tone>> = {
  ok: 'good',
  incomplete: 'waiting',
  uploading: 'waiting',
  broken: 'bad',
  unknown: 'plain',
};

/** The state of an image in a word, with what it means in a tooltip. */
export function State({ state }: { readonly state: ImageJson['state'] }) {
  const [word, meaning] = TEXTS.states[state];
  return <Badge word={word} tone={TONES[state]} reason={meaning} />;
}
