import { OvadexError } from '../model/errors.js';
import { IMAGE_STATES, type ImageState } from '../model/image.js';
import { quote } from '../text/quote.js';

/** What images of a list may have besides their usual fields: `ovf` is what each is, in short. */
export const IMAGE_INCLUDES = ['ovf'] as const;

/** Reads words such as `ovf`, separated by commas. Throws OvadexError `usage` that says what is allowed. */
export function parseInclude(text: string): ReadonlySet<(typeof IMAGE_INCLUDES)[number]> {
  return parseWords([text], IMAGE_INCLUDES, (word) => `include: ${quote(word)} can't be included; allowed is`);
}

/** Reads states such as `broken,incomplete` from one or more texts. Throws OvadexError `usage` that says what is allowed. */
export function parseImageStates(texts: readonly string[]): ReadonlySet<ImageState> {
  return parseWords(
    texts,
    IMAGE_STATES,
    (word) => `state: ${quote(word)} is not a state of an image; use one or more of`,
  );
}

function parseWords<Word extends string>(
  texts: readonly string[],
  allowed: readonly Word[],
  refusal: (word: string) => string,
): ReadonlySet<Word> {
  const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim());
  const given = words.filter((word) => word !== '');
  return new Set(
    given.map((word) => {
      const known = allowed.find((each) => each === word.toLowerCase());
      if (known !== undefined) return known;
      throw new OvadexError('usage', `${refusal(word)} ${allowed.join(', ')}`);
    }),
  );
}
