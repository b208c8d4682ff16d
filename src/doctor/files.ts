import { accessSync, constants, type Stats, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { backupsOf, fileOf } from '../app/engines/sqlite-index.js';
import { troubleOfFolder } from '../config/fields/data-directory.js';
import type { Config } from '../config/schema.js';
import { type Finding, ok } from '../domain/diagnosis/finding.js';
import { listBackups } from '../sqlite/backup/backups.js';
import { sizeOf } from '../sqlite/backup/copy.js';
import { listReplaced } from '../sqlite/backup/replaced.js';

/** Room for a copy of the index, its write-ahead log and a large first sync; half as much would hardly do. */
const ROOM_FACTOR = 2;
/** The room that even a small index should have. */
const LEAST_ROOM_BYTES = 1024 ** 3;
/** The permission bits of all other users of the machine. */
const OTHERS = 0o007;

/** Examines the data directory and its files: permissions, owners and free space. */
export function examineFiles(config: Config): readonly Finding[] {
  const { directory } = config.data;
  const trouble = troubleOfFolder(directory);
  if (trouble !== null) return [unusable(directory, trouble, 'give data.directory a folder')];
  let folder: Stats | undefined;
  try {
    folder = statSync(directory, { throwIfNoEntry: false });
  } catch (error) {
    return [unseen(directory, error)];
  }
  if (folder === undefined) {
    return [
      {
        area: 'files',
        subject: directory,
        severity: 'note',
        message: 'this folder does not exist yet',
        action: 'the first start creates it; its parent must be writable by the account that runs ovadex',
      },
    ];
  }
  const ofFolder = examineDirectory(directory, folder.mode);
  if (!mayEnter(directory)) return ofFolder;
  const isFile = config.data.database === undefined;
  const kept = isFile ? examineCopies(config) : [];
  const files = ['ovadex.db', 'token.key', 'link.key', 'audit.log'].map((name) => join(directory, name));
  return [
    ...ofFolder,
    ...files.flatMap(examinePrivate),
    ...kept,
    // Whether a database has room is its server's affair.
    ...(isFile ? [examineRoom(directory)] : []),
  ];
}

/** Reports the copies that migrations and restores have left beside the index. */
function examineCopies(config: Config): readonly Finding[] {
  const { directory, keep } = backupsOf(config);
  try {
    const copies = listBackups(directory).map(({ name }) => join(directory, name));
    const replaced = listReplaced(fileOf(config));
    const files = [...copies, ...replaced];
    if (files.length === 0) return [];
    const size = megabytes(files.reduce((sum, file) => sum + sizeOf(file), 0));
    const message = `${copies.length} copies from before migrations, ${replaced.length} replaced indexes, ${size}`;
    return [ok('files', config.data.directory, `${message}; the newest ${keep} of each are kept (data.keepBackups)`)];
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return [unusable(directory, error.message, 'check its owner and mode')];
  }
}

function unusable(subject: string, message: string, action: string): Finding {
  return { area: 'files', subject, severity: 'problem', message, action };
}

/** What is told of a file or folder that can't be looked at; anything but a system's error is thrown. */
function unseen(path: string, error: unknown): Finding {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  return unusable(
    path,
    error.message,
    'run this as the account of the service, or check the permissions of the folders above',
  );
}

function mayEnter(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function examineDirectory(directory: string, mode: number): readonly Finding[] {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const action = `run this as the account of the service, or chown ${directory} to the account that runs ovadex`;
    return [
      { area: 'files', subject: directory, severity: 'problem', message: 'this account cannot write there', action },
    ];
  }
  if ((mode & OTHERS) === 0) return [ok('files', directory, 'writable, and closed to others')];
  const action = `chmod o= ${directory}`;
  return [
    {
      area: 'files',
      subject: directory,
      severity: 'warning',
      message: 'every user of this machine can enter it',
      action,
    },
  ];
}

/** Examines a file that only its owner may read: token hashes, the session key or the audit log. */
function examinePrivate(file: string): readonly Finding[] {
  let found: Stats | undefined;
  try {
    found = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return [unseen(file, error)];
  }
  if (found === undefined) return [];
  if ((found.mode & OTHERS) === 0) return [ok('files', file, 'closed to others')];
  const message = 'every user of this machine can read or write it';
  return [{ area: 'files', subject: file, severity: 'problem', message, action: `chmod 600 ${file}` }];
}

function examineRoom(directory: string): Finding {
  const { bavail, bsize, files, ffree } = statfsSync(directory);
  const free = bavail * bsize;
  const index = sizeIfSeen(join(directory, 'ovadex.db'));
  const needed = Math.max(LEAST_ROOM_BYTES, index * ROOM_FACTOR);
  const told = `${megabytes(free)} free, ${megabytes(needed)} needed for an index of ${megabytes(index)}`;
  const noInodes = files > 0 && ffree === 0;
  if (!noInodes && free >= needed) return ok('disk', directory, told);
  return {
    area: 'disk',
    subject: directory,
    severity: noInodes || free < needed / ROOM_FACTOR ? 'problem' : 'warning',
    message: noInodes ? 'no more files can be created there (no free inodes)' : told,
    action: 'make room, or move data.directory; lists are still served, but nothing new can be stored',
  };
}

/** Returns the size of a file; 0 if it is missing or can't be looked at, which is told elsewhere. */
function sizeIfSeen(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
