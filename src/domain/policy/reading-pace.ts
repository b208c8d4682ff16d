/** What reading images may take of each storage. */
export interface ReadingLimits {
  readonly bytesPerSecond: number;
  readonly requestsAtOnce: number;
}

/** What a reading is taken to cost until it has ended: most images are described by their first 32 KiB. */
export const USUAL_READING_BYTES = 32_768;

/** When the bytes that were read of a storage so far are paid off; times are in ms of a steady clock. */
export type PaidAt = number;

/** Returns how long the next reading of a storage has to wait. */
export function waitBeforeReading(paidAt: PaidAt, now: number): number {
  return Math.max(0, Math.ceil(paidAt - now));
}

/** Charges a reading that begins now: what was not used earlier is not saved up. */
export function chargeReading(paidAt: PaidAt, now: number, { bytesPerSecond }: ReadingLimits): PaidAt {
  return Math.max(paidAt, now) + (USUAL_READING_BYTES * 1_000) / bytesPerSecond;
}

/** Charges the rest of a reading that has ended, or gives back what it didn't need. */
export function settleReading(paidAt: PaidAt, bytes: number, { bytesPerSecond }: ReadingLimits): PaidAt {
  return paidAt + ((bytes - USUAL_READING_BYTES) * 1_000) / bytesPerSecond;
}
