import { parentPort, workerData } from 'node:worker_threads';
import { OvadexError } from '../../domain/model/errors.js';
import { VERSION } from '../../platform/version.js';
import { serveCommits } from '../../sqlite/apart/serve-commits.js';

/**
 * The entry point of the thread for large commits, which the crawler begins each time that it needs one. Its files may have
 * been replaced by an upgrade since the daemon began: another version must not write.
 */
if (parentPort === null) throw new OvadexError('internal', 'commit-thread.js is started as a worker thread only');
if (workerData !== VERSION) throw new OvadexError('internal', `the program is version ${VERSION} by now; restart it`);

serveCommits(parentPort);
