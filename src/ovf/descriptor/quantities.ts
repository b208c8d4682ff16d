import type { Quantity } from '../../domain/description/descriptor.js';

/** The most digits that are read as a number: sizes have 20 at most. */
const MOST_DIGITS = 40;

/** Returns an integer that is written in digits alone; null for anything else. */
export function integerOf(text: string | null): bigint | null {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) && digits.length <= MOST_DIGITS ? BigInt(digits) : null;
}

/** Returns a quantity: a number, or its digits if a number would round it. */
export function quantityOf(value: bigint): Quantity {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}
