import * as z from 'zod';
import { section, wholeNumber } from '../fields/fields.js';

/** Whether and how gently images are read to tell what they are. */
export interface DescribeSettings {
  readonly enabled: boolean;
  /** Bytes a second that are read of each storage. */
  readonly bytesPerSecond: number;
  /** Requests in flight for it to each storage. */
  readonly requestsAtOnce: number;
}

export function describeSection() {
  return section({
    // An image takes a few KiB, once.
    enabled: z.boolean({ error: 'must be true or false' }).default(true),
    // About thirty images a second: 100,000 within an hour, and less than one person who downloads.
    bytesPerSecond: wholeNumber(1_024, 1_000_000_000).default(1_048_576),
    // It is in no hurry, and people's requests are.
    requestsAtOnce: wholeNumber(1, 16).default(1),
  });
}
