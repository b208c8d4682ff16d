/** The largest multiple of a byte that is believed, 2^100. */
const MOST = 2n ** 100n;

/** The words are binary, as those who write them mean them: ovftool's `MegaBytes` are of 2^20 bytes. */
const WORDS: ReadonlyMap<string, bigint> = new Map(
  [
    ['byte', 'bytes', 'b'],
    ['kilobyte', 'kilobytes', 'kb', 'kib', 'kibibyte', 'kibibytes'],
    ['megabyte', 'megabytes', 'mb', 'mib', 'mebibyte', 'mebibytes'],
    ['gigabyte', 'gigabytes', 'gb', 'gib', 'gibibyte', 'gibibytes'],
    ['terabyte', 'terabytes', 'tb', 'tib', 'tebibyte', 'tebibytes'],
  ].flatMap((words, power) => words.map((word) => [word, 1024n ** BigInt(power)] as const)),
);

/**
 * Returns how many bytes a unit has: one word, times integers and powers such as `2^20`, in any order and with any
 * blanks. null for anything else, such as `hertz * 10^6`.
 */
export function bytesOfUnit(unit: string): bigint | null {
  let product: bigint | null = null;
  let bytes = 1n;
  for (const factor of unit.toLowerCase().replace(/\s+/g, '').split('*')) {
    const word = WORDS.get(factor);
    if (word !== undefined) {
      if (product !== null) return null;
      product = word;
      continue;
    }
    const number = factorOf(factor);
    if (number === null) return null;
    bytes *= number;
    if (bytes > MOST) return null;
  }
  if (product === null) return null;
  return product * bytes > MOST ? null : product * bytes;
}

function factorOf(text: string): bigint | null {
  const match = /^(\d{1,20})(?:\^(\d{1,3}))?$/.exec(text);
  if (match === null) return null;
  const [, base = '', exponent = '1'] = match;
  if (Number(exponent) > 100) return null;
  const value = BigInt(base) ** BigInt(exponent);
  return value === 0n || value > MOST ? null : value;
}
