import type { CallerHandle } from '../reply/context.js';
import { refuseFaults } from '../reply/problem.js';
import { queryOf, readParameters } from '../reply/query-string.js';

/** Any value but these asks for it. */
const NOT = ['0', 'false'];

/**
 * `/v2/image` of a personal catalogue for clients of today as well: they join it with the own images of
 * `/v2/user/image/vm` and say `expand=1`, which those never do to whom both are the same. With `expand` it is what is public.
 */
export function splitByExpand(own: CallerHandle, shared: CallerHandle): CallerHandle {
  return (c, caller) => {
    const { url } = c.req;
    if (!/[?&](?:expand|[^=&]*%)/.test(url)) return own(c, caller);
    const { values, faults } = readParameters(queryOf(url), ['expand']);
    if (faults.length > 0) return refuseFaults(c, faults);
    const [expand] = values.expand;
    return expand === undefined || NOT.includes(expand.toLowerCase()) ? own(c, caller) : shared(c, caller);
  };
}

/** By id what either list may have named: an own image, else a public one. */
export function ownElseShared(own: CallerHandle, shared: CallerHandle): CallerHandle {
  return async (c, caller) => {
    const found = await own(c, caller);
    return found.status === 404 ? shared(c, caller) : found;
  };
}
