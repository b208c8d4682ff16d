import type { Audit } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { shorten } from '../../domain/text/quote.js';
import type { CallerHandle, HttpContext } from '../reply/context.js';

/** Puts a handler under audit: who asked for what, from where, and with what outcome. */
export function createAudited(
  audit: Audit,
  addressOf: (c: HttpContext) => string,
): (act: string, handle: CallerHandle) => CallerHandle {
  return (act, handle) => async (c, caller) => {
    const note = async (outcome: string) => {
      const said = Object.entries({ ...c.req.param(), ...c.get('actDetails') });
      // Shortened, as otherwise a caller could fill the file with requests that lead to nothing.
      const short = said.map(([key, value]) => [key, typeof value === 'string' ? shorten(value) : value]);
      const details = { ...Object.fromEntries(short), request: c.get('requestId') };
      await audit({ act, by: caller.user, from: addressOf(c), details, outcome });
    };
    let response: Response;
    try {
      response = await handle(c, caller);
    } catch (error) {
      await note(error instanceof OvadexError ? `refused: ${error.code}` : 'failed');
      throw error;
    }
    await note(response.ok ? 'done' : `refused: ${response.status}`);
    return response;
  };
}
