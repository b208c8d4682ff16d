import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fillFromFiles } from '../app/crawler.js';
import { fileOf } from '../app/engines/sqlite-index.js';
import { type Index, openIndex, openIndexIfAny } from '../app/open-index.js';
import { troubleOfFolder } from '../config/fields/data-directory.js';
import type { Config } from '../config/schema.js';
import { diagnoseHosts } from '../domain/diagnosis/diagnose-hosts.js';
import { diagnoseOutages } from '../domain/diagnosis/diagnose-outages.js';
import { diagnoseSpaces } from '../domain/diagnosis/diagnose-spaces.js';
import { diagnoseDurability } from '../domain/diagnosis/durability.js';
import { type Finding, ok } from '../domain/diagnosis/finding.js';
import { compareHosts } from '../domain/diagnosis/host-differences.js';
import { type ErrorCode, OvadexError } from '../domain/model/errors.js';
import { counted } from '../domain/text/counted.js';
import { examineDaemon } from './daemon.js';
import { examineDeparted } from './departed-users.js';
import { examineFiles } from './files.js';
import { nameOfIndex } from './index-name.js';
import { examineLinks, type LinksFound } from './links.js';
import { placesOf } from './places.js';
import { examineStorages } from './storages.js';
import { examineWebhooks } from './webhooks.js';

export interface DiagnosisOptions {
  /** Users whose spaces are examined; null for all. */
  readonly users: readonly string[] | null;
  /** Called with each finding as it comes. */
  readonly tell: (finding: Finding) => void;
  /** Called as the examination of the storages proceeds. */
  readonly onProgress?: (asked: number, of: number) => void;
  readonly signal: AbortSignal;
}

const ACTION_OF_INDEX: Readonly<Partial<Record<ErrorCode, string>>> = {
  damaged: 'ovadex db check shows how badly, ovadex db restore FILE goes back to a backup',
  foreign: 'run the version that wrote it, or go back with ovadex db restore FILE',
};
const FOREIGN_DATABASE = 'run the version that wrote it, or restore a dump from before then, while no host runs';
const NO_LINKS: LinksFound = { spaces: [], linked: new Set(), findings: [] };
const USUAL_INDEX_ACTION =
  "ovadex serve creates a new one or brings an old one up to date; otherwise check the file's permissions";

const DATABASE_ACTION =
  'check that the server runs, that data.url names it, and that it lets this host in; ovadex db migrate brings an old index up to date';

/**
 * Examines everything that a running daemon depends on, and changes nothing. Returns the code of the error that makes
 * the index unusable, or null. Throws OvadexError `not-found` for a user without a space.
 */
export async function diagnose(config: Config, options: DiagnosisOptions): Promise<ErrorCode | null> {
  const { users, tell, signal, onProgress } = options;
  examineFiles(config).forEach(tell);
  (await examineDaemon(config, signal)).forEach(tell);
  const { index, findings, trouble } = await openReadOnly(config);
  findings.forEach(tell);
  try {
    if (index !== null)
      [
        await examineIndex(index, nameOfIndex(config)),
        ...diagnoseHosts(compareHosts((await index.hosts?.list()) ?? [])),
        ...diagnoseOutages((await index.storageOutages?.told()) ?? []),
        ...diagnoseDurability(nameOfIndex(config), await index.unsafeSettings()),
        ...(await examineDeparted(index.departed, nameOfIndex(config))),
      ].forEach(tell);
    const spaces = (await index?.catalogue.listSpaces())?.spaces ?? [];
    const spaceOf = new Map(spaces.map((space) => [space.user, space]));
    const {
      spaces: wanted,
      linked,
      findings: ofLinks,
    } = index === null ? NO_LINKS : await examineLinks(config, index.links);
    ofLinks.forEach(tell);
    const crawled = index === null ? config : { ...config, spaces: wanted };
    const places = await placesOf(crawled, users, spaceOf, fillFromFiles);
    const told = users === null ? spaces : spaces.filter(({ user }) => users.includes(user));
    diagnoseSpaces(told, Date.now(), linked).forEach(tell);
    (await examineWebhooks(config, index, { users, signal })).forEach(tell);
    let asked = 0;
    const onAsked = (count: number) => {
      asked += count;
      onProgress?.(asked, places.length);
    };
    const known = index === null ? null : { spaceOf, index: index.images };
    await examineStorages(crawled, places, { known, linked, tell, onAsked, signal });
    return trouble;
  } finally {
    await index?.close();
  }
}

async function examineIndex(index: Index, name: string): Promise<Finding> {
  const { spaces, images, storedBytes } = await index.totals(Date.now(), Number.POSITIVE_INFINITY);
  const count = [...spaces.values()].reduce((sum, each) => sum + each, 0);
  return ok(
    'index',
    name,
    `${counted(count, 'space')}, ${counted(images, 'image')}, ${counted(storedBytes, 'byte')}; the schema is up to date`,
  );
}

/**
 * Whether the daemon has never started, so that a missing index is normal: each start leaves a key, after which a
 * missing index is trouble.
 */
function isNotMadeYet(config: Config): boolean {
  if (troubleOfFolder(config.data.directory) !== null) return false;
  try {
    const left = [fileOf(config), join(config.data.directory, 'token.key')];
    return left.every((file) => statSync(file, { throwIfNoEntry: false }) === undefined);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return false;
  }
}

async function openReadOnly(config: Config): Promise<{
  readonly index: Index | null;
  readonly findings: readonly Finding[];
  readonly trouble: ErrorCode | null;
}> {
  try {
    const isShared = config.data.database !== undefined;
    const index = isShared ? await openIndexIfAny(config) : await openIndex(config, { readonly: true });
    return { index, findings: index === null ? [notMadeYet(config)] : [], trouble: null };
  } catch (error) {
    if (!(error instanceof OvadexError)) throw error;
    const { code, message } = error;
    if (config.data.database === undefined && isNotMadeYet(config)) {
      return { index: null, findings: [notMadeYet(config)], trouble: null };
    }
    const action =
      config.data.database === undefined
        ? (ACTION_OF_INDEX[code] ?? USUAL_INDEX_ACTION)
        : code === 'foreign'
          ? FOREIGN_DATABASE
          : DATABASE_ACTION;
    const finding: Finding = {
      area: 'index',
      subject: config.data.database === undefined ? config.data.directory : nameOfIndex(config),
      severity: 'problem',
      message,
      action,
    };
    return { index: null, findings: [finding], trouble: code };
  }
}

function notMadeYet(config: Config): Finding {
  const action = 'the first start makes it';
  return { area: 'index', subject: nameOfIndex(config), severity: 'note', message: 'not there yet', action };
}
