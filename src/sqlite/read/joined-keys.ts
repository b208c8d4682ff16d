/** Some name keys, to be looked through for texts. */
export interface JoinedKeys {
  /** The places of all keys that hold every one of these texts, in ascending order. */
  holdersOf(texts: readonly string[]): readonly number[];
}

/** Hardly any text that is looked for has one; any that has is looked for key by key, as two keys might hold it together. */
const SEPARATOR = '\n';
/** How often each ASCII character occurs is counted; others are rare in names. */
const COUNTED = 128;

/**
 * Joined into one text, in which a text that few of 500 keys hold is found in a fifth of the time that a look at each
 * key takes (2 µs), one that all of them hold in twice that time (20 µs).
 * V8 stops at each first character of what it looks for: so from its rarest character on the text is
 * looked for, and what is before that is compared where the rest is found.
 */
export function joinKeys(keys: readonly string[]): JoinedKeys {
  const joined = keys.join(SEPARATOR);
  const ends = new Uint32Array(keys.length);
  let end = -1;
  for (const [at, key] of keys.entries()) {
    end += key.length + 1;
    ends[at] = end;
  }
  const counts = new Uint32Array(COUNTED);
  for (let i = 0; i < joined.length; i++) {
    const code = joined.charCodeAt(i);
    if (code < COUNTED) counts[code] = (counts[code] ?? 0) + 1;
  }

  const rarestIn = (text: string): number => {
    let rarest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < text.length; i++) {
      const count = counts[text.charCodeAt(i)] ?? 0;
      if (count < least) [rarest, least] = [i, count];
    }
    return rarest;
  };
  const endOf = (at: number) => ends[at] ?? joined.length;
  const holdersOfOne = (text: string): number[] => {
    const holders: number[] = [];
    const before = rarestIn(text);
    const rest = text.slice(before);
    let at = 0;
    let found = joined.indexOf(rest, before);
    while (found !== -1) {
      let next = found + 1;
      if (before === 0 || joined.startsWith(text, found - before)) {
        while (endOf(at) < found) at++;
        holders.push(at);
        next = endOf(at) + before;
      }
      found = joined.indexOf(rest, next);
    }
    return holders;
  };

  return {
    holdersOf(texts) {
      const [first = '', ...others] = texts.toSorted((a, b) => b.length - a.length);
      const isJoinable = first !== '' && !first.includes(SEPARATOR);
      const holders = isJoinable ? holdersOfOne(first) : [...keys.keys()];
      const rest = isJoinable ? others : texts;
      return rest.length === 0 ? holders : holders.filter((at) => rest.every((text) => keys[at]?.includes(text)));
    },
  };
}
