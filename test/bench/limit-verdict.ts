import { median, type Verdict } from './ratios.js';

/** A verdict on something that must stay below a limit; `context` tells its median in words. */
export function limitVerdict(
  name: string,
  meaning: string,
  limit: number,
  { values, context }: { readonly values: readonly number[]; readonly context: (value: number) => string },
): Verdict {
  const ratios = values.map((value) => limit / value);
  return { name, meaning, ratio: median(ratios), ratios, target: 1, context: [context(median(values))] };
}
