import type { Administration } from '../../domain/ports/administration.js';
import type { Clock } from '../../domain/ports/clock.js';
import { quote } from '../../domain/text/quote.js';
import { auditToJson, backupToJson, healthToJson, reloadToJson } from '../../wire/daemon.js';
import { overviewToJson } from '../../wire/overview.js';
import { answerList } from '../lists/answer-list.js';
import type { CallerHandle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { ignoredFaults, wantsStrict } from '../reply/ignored.js';
import { linksOf } from '../reply/links.js';
import { refuse, refuseFaults } from '../reply/problem.js';
import { queryOf, readParameters } from '../reply/query-string.js';
import { answer } from '../reply/reply.js';

export interface AdministrationDeps {
  readonly administration: Administration;
  readonly clock: Clock;
  readonly publicUrl: string | null;
}

/** A screen or two. */
const ENTRIES_BY_DEFAULT = 100;
/** Some 300 KB; the files in the data directory have the rest. */
const ENTRIES_AT_MOST = 1_000;
/** Somebody has to make room first, most likely. */
const BACKUP_RETRY_SECONDS = '60';
/** What an administrator looks at is never kept by anybody. */
const NOT_KEPT = { 'Cache-Control': 'no-store' };

/** Creates the handlers that tell administrators of the daemon as a whole, and do what they ask of it. */
export function createAdministrationHandlers({ administration, clock, publicUrl }: AdministrationDeps): {
  readonly [Name in 'overview' | 'health' | 'audit' | 'backUp' | 'reload']: CallerHandle;
} {
  return {
    async overview(c) {
      const item = overviewToJson(await administration.overview());
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item), NOT_KEPT);
    },

    async health(c) {
      const item = healthToJson(await administration.health(), clock());
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), item), NOT_KEPT);
    },

    async audit(c) {
      const { values, faults, ignored } = readParameters(queryOf(c.req.url), ['limit']);
      const given = values.limit[0] ?? String(ENTRIES_BY_DEFAULT);
      const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
      if (limit < 1 || limit > ENTRIES_AT_MOST) {
        const detail = `limit: ${quote(given)} is not a number of entries; allowed is 1 to ${ENTRIES_AT_MOST}`;
        faults.push({ parameter: 'limit', detail });
      }
      if (wantsStrict(c)) faults.push(...ignoredFaults(ignored, ['limit']));
      if (faults.length > 0) return refuseFaults(c, faults);
      const entries = await administration.auditTrail(limit);
      return answerList(c, publicUrl, entries.map(auditToJson), undefined, ignored);
    },

    async backUp(c) {
      const outcome = await administration.backUp();
      c.set('actDetails', { name: outcome.name });
      if (outcome.state === 'failed') {
        const headers = { 'Retry-After': BACKUP_RETRY_SECONDS };
        return refuse(c, { status: 503, detail: `there is no backup: ${outcome.reason}`, headers });
      }
      const links = linksOf(c.req.url, publicUrl);
      return answer(c, outcome.state === 'done' ? 201 : 202, itemBody(c, links, backupToJson(outcome)), NOT_KEPT);
    },

    async reload(c) {
      const outcome = await administration.reload();
      if (outcome.state === 'refused') {
        return refuse(c, { status: 422, detail: `the configuration stays as it was: ${outcome.reason}` });
      }
      c.set('actDetails', { state: outcome.state, changed: outcome.changed.join(', ') });
      return answer(c, 200, itemBody(c, linksOf(c.req.url, publicUrl), reloadToJson(outcome)), NOT_KEPT);
    },
  };
}
