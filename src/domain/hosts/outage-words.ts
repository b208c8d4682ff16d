import { counted } from '../text/counted.js';
import { spanOf } from '../text/span.js';
import type { OutageKind } from './host-outage.js';

const BEGUN: Readonly<Record<OutageKind, string>> = {
  silent: 'no answer',
  busy: 'every request refused',
  maintenance: 'in maintenance mode',
};
const LASTING: Readonly<Record<OutageKind, string>> = {
  silent: 'has given no answer',
  busy: 'has refused every request',
  maintenance: 'has been in maintenance mode',
};
const NOW: Readonly<Record<OutageKind, string>> = {
  silent: 'gives no answer',
  busy: 'refuses every request',
  maintenance: 'is in maintenance mode',
};

/** Says in the log that an outage has begun. */
export function outageBegun(kind: OutageKind, host: string, since: number, spaces: number): string {
  const waiting = counted(spaces, 'space waits', 'spaces wait');
  return `${host}: ${BEGUN[kind]} since ${new Date(since).toISOString()}, ${waiting}; their lists stay as they were`;
}

/** Says in the log that it is one of this crawler alone. */
export function outageOnlyHere(host: string): string {
  return `${host}: other crawlers are answered; the spaces there are left to them`;
}

/** Says in the log that it is over. */
export function outageOver(host: string, lastedMs: number): string {
  return `${host}: answers again after ${spanOf(lastedMs)}`;
}

/** Says to each space that waits why it was not asked; `detail` is the answer that began the outage. */
export function outageDetail(kind: OutageKind, host: string, since: number, detail: string): string {
  return `${host} ${LASTING[kind]} since ${new Date(since).toISOString()} and is asked once for all of its spaces, now and then: ${detail}`;
}

/** Says at the end of a command how many spaces were not synced because of it. */
export function outageSummary(kind: OutageKind, host: string, spaces: number, detail: string): string {
  const failed = `${counted(spaces, 'space')} could not be synced; their lists stay as they were`;
  return `${host}: ${NOW[kind]}, ${failed}: ${detail}`;
}
