import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fingerprintsOf } from '../../config/fingerprints.js';
import type { Config } from '../../config/schema.js';
import { compareHosts, countHosts } from '../../domain/diagnosis/host-differences.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { CrawlMeasurements } from '../../domain/model/measurements.js';
import type { HostRegister } from '../../domain/ports/host-register.js';
import { VERSION } from '../../platform/version.js';
import { nameOfHost } from './host-name.js';

/** See `THERE_FOR_MS`. */
const TOLD_EVERY_MS = 10_000;
const ENDED_WITHIN_MS = 1_000;

/** How a daemon takes part among the hosts of its database. */
export interface OwnPresence {
  /** Counts the hosts, for the metrics. */
  measure(): Promise<Pick<CrawlMeasurements, 'hosts'>>;
  /** Tells the others that it has ended. */
  end(): Promise<void>;
}

interface Announced {
  readonly config: () => Config;
  readonly startedAt: number;
  readonly logger: Logger;
  /** Called once if a newer program has changed the schema, with what a start says then; nothing is told any more. */
  readonly onOutgrown: (error: OvadexError) => void;
}

/** Tells the other hosts of this one, now and from time to time. */
export function announceHost(
  register: HostRegister,
  { config, startedAt, logger, onOutgrown }: Announced,
): OwnPresence {
  const name = nameOfHost(config());
  let printed: { readonly of: Config; readonly fingerprints: ReturnType<typeof fingerprintsOf> } | null = null;
  let telling: Promise<void> | null = null;
  const tell = () => {
    const current = config();
    // Of 100,000 spaces it takes some tenths of a second.
    if (printed?.of !== current) printed = { of: current, fingerprints: fingerprintsOf(current) };
    const { fingerprints } = printed;
    telling ??= register
      .note({ name, roles: current.roles, version: VERSION, startedAt, fingerprints })
      .catch((err: unknown) => {
        if (!(err instanceof OvadexError && err.code === 'foreign')) {
          logger.debug({ err }, 'the other hosts could not be told of this one');
          return;
        }
        clearInterval(timer);
        onOutgrown(err);
      })
      .finally(() => {
        telling = null;
      });
  };
  const timer = setInterval(tell, TOLD_EVERY_MS);
  tell();
  return {
    measure: async () => ({ hosts: countHosts(compareHosts(await register.list())) }),
    async end() {
      clearInterval(timer);
      const leave = async () => {
        await telling;
        await register.leave(name).catch(() => undefined); // the others see it by its silence
      };
      // A stop doesn't wait for a database that doesn't answer.
      await Promise.race([leave(), delay(ENDED_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}
