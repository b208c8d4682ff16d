import { crc32 } from 'node:zlib';

/** Room for the checksums of what came lately: more than there are lists, in 128 KB. */
const LATELY = 32_768;

/** Returns a function that tells whether this key came lately, as far as its checksum tells; it has come now. */
export function createLately(): (key: string) => boolean {
  const lately = new Uint32Array(LATELY);
  return (key) => {
    const sum = crc32(key);
    const place = sum % LATELY;
    const is = lately[place] === sum;
    lately[place] = sum;
    return is;
  };
}
