import { parentPort } from 'node:worker_threads';
import { OvadexError } from '../../domain/model/errors.js';
import type { CommitCounts, ImageIndex } from '../../domain/ports/image-index.js';
import { openDatabase } from '../file/database.js';
import { createWalKeeper } from '../file/wal.js';
import { createImageIndex } from '../write/image-index.js';
import { isSameFile, type OpenFile, requireSameFile } from './open-file.js';
import type { Answer, CommitApart, Told } from './writing-thread.js';

/** The index that was written last, open until another is, or until it is left. */
interface Opened {
  readonly of: OpenFile;
  readonly index: Pick<ImageIndex, 'commit'>;
  readonly close: () => void;
}

/** The thread behind `createWritingThread`: it does what it is told, until it is told null. */
let opened: Opened | null = null;
let now = 0;
const NOTHING: CommitCounts = { added: 0, altered: 0, removed: 0 };

parentPort?.on('message', async (told: Told | null) => {
  if (told === null) {
    close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(await answer(told));
});

async function answer(told: Told): Promise<Answer> {
  try {
    if ('commits' in told) return { counts: await commit(told) };
    if (opened?.of.file === told.leave) close();
    return { counts: NOTHING };
  } catch (error) {
    if (error instanceof OvadexError) return { refused: { code: error.code, message: error.message } };
    throw error;
  }
}

async function commit({ to, lease, commits, ...dated }: CommitApart) {
  if (opened === null || !isSameFile(opened.of, to)) {
    close();
    opened = open(to);
  }
  now = dated.now;
  return await opened.index.commit(lease, commits);
}

/** Opens the file that the caller has open, and neither makes one nor takes another that has its name. */
function open(of: OpenFile): Opened {
  requireSameFile(of);
  const db = openDatabase(of.file, { replicated: of.replicated });
  try {
    requireSameFile(of);
    const keepWal = of.replicated ? undefined : createWalKeeper(db);
    return { of, index: createImageIndex(db, () => now, keepWal), close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function close(): void {
  opened?.close();
  opened = null;
}
