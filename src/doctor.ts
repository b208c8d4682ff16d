import type { Config } from './config/schema.js';
import { type Finding, well } from './domain/diagnosis.js';
import { type ErrorCode, OvadexError } from './domain/errors.js';
import { examineDeparted } from './examine-departed.js';
import { examineFiles } from './examine-files.js';
import { examineStorages, type KnownSpaces } from './examine-storage.js';
import { type Index, openIndex } from './open-index.js';

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Why the index can't be used, or null. */
  readonly indexTrouble: ErrorCode | null;
}

const ACTION_OF_INDEX: Readonly<Partial<Record<ErrorCode, string>>> = {
  damaged: 'ovadex db check tells how much, ovadex db restore FILE goes back to a backup',
  foreign: 'run the version that wrote it, or go back with ovadex db restore FILE',
};
const USUAL_INDEX_ACTION =
  'ovadex serve makes a new one or brings an old one up to date; look at the rights of the file else';

/** Looks at everything that a running daemon depends on, and changes nothing. */
export async function diagnose(config: Config, signal: AbortSignal): Promise<Diagnosis> {
  const files = examineFiles(config);
  const opened = openReadOnly(config);
  try {
    const { index } = opened;
    const known: KnownSpaces | null =
      index === null ? null : { space: index.catalogue.space, known: index.images.known };
    const standing = index === null ? [] : [await examineIndex(index), ...(await examineDeparted(index.departed))];
    const storages = await examineStorages(config, known, signal);
    return { findings: [...files, ...opened.findings, ...standing, ...storages], indexTrouble: opened.trouble };
  } finally {
    opened.index?.close();
  }
}

async function examineIndex(index: Index): Promise<Finding> {
  const { spaces, images, fileBytes } = await index.standing(Date.now(), Number.POSITIVE_INFINITY);
  const count = [...spaces.values()].reduce((sum, each) => sum + each, 0);
  return well('index', 'ovadex.db', `${count} spaces, ${images} images, ${fileBytes} bytes; the schema is up to date`);
}

function openReadOnly(config: Config): {
  readonly index: Index | null;
  readonly findings: readonly Finding[];
  readonly trouble: ErrorCode | null;
} {
  try {
    return { index: openIndex(config, { readonly: true }), findings: [], trouble: null };
  } catch (error) {
    if (!(error instanceof OvadexError)) throw error;
    const { code, message } = error;
    const action = ACTION_OF_INDEX[code] ?? USUAL_INDEX_ACTION;
    const finding: Finding = { area: 'index', subject: config.data.directory, severity: 'problem', message, action };
    return { index: null, findings: [finding], trouble: code };
  }
}
