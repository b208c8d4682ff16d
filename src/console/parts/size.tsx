const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number of bytes as people say it, with the exact one in a tooltip; digits of numbers beyond 2^53 come as text. */
export function Size({ bytes }: { readonly bytes: number | string | null }) {
  if (bytes === null) return <span class="none">–</span>;
  return <span title={`${Number(bytes).toLocaleString('en-US')} bytes`}>{sizeText(Number(bytes))}</span>;
}

/** Returns a number of bytes with three digits at most and a binary unit: "1.5 GiB". */
export function sizeText(bytes: number): string {
  let left = bytes;
  let unit = 0;
  while (left >= 1_000 && unit < UNITS.length - 1) {
    left /= 1_024;
    unit += 1;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left) : Number(left.toPrecision(3))} ${UNITS[unit]}`;
}
