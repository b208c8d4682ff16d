import type { MessagePort } from 'node:worker_threads';
import { OvadexError } from '../../domain/model/errors.js';
import type { CommitCounts, ImageIndex } from '../../domain/ports/image-index.js';
import { openDatabase } from '../file/database.js';
import { createImageIndex } from '../write/image-index.js';
import { isSameFile, type OpenFile, requireSameFile } from './open-file.js';
import type { Answer, CommitApart, Told } from './writing-thread.js';

/** The index that was written last, open until another is, or until it is left. */
interface Opened {
  readonly of: OpenFile;
  readonly index: Pick<ImageIndex, 'commit'>;
  readonly close: () => void;
}

const NOTHING: CommitCounts = { added: 0, altered: 0, removed: 0 };

/** Does what comes through the port, until null does; used inside the thread behind `createWritingThread`. */
export function serveCommits(port: MessagePort): void {
  let opened: Opened | null = null;
  let now: number | null = null;

  const close = () => {
    opened?.close();
    opened = null;
  };
  const commit = async ({ to, lease, commits, ...dated }: CommitApart) => {
    if (opened === null || !isSameFile(opened.of, to)) {
      close();
      opened = open(to, () => now ?? Date.now());
    }
    now = dated.now;
    return await opened.index.commit(lease, commits);
  };
  const answer = async (told: Told): Promise<Answer> => {
    try {
      if ('commits' in told) return { counts: await commit(told) };
      if (opened?.of.file === told.leave) close();
      return { counts: NOTHING };
    } catch (error) {
      if (error instanceof OvadexError) return { refused: { code: error.code, message: error.message } };
      throw error;
    }
  };

  port.on('message', async (told: Told | null) => {
    if (told !== null) return port.postMessage(await answer(told));
    close();
    port.close();
  });
  port.on('messageerror', (error) => {
    throw error;
  });
}

/** Opens the file that the caller has open, and neither makes one nor takes another that has its name. */
function open(of: OpenFile, clock: () => number): Opened {
  requireSameFile(of);
  const db = openDatabase(of.file, { replicated: of.replicated });
  try {
    requireSameFile(of);
    return { of, index: createImageIndex(db, clock), close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}
