import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';
import { pathFromBytes } from '../../domain/model/path.js';
import { counted } from '../../domain/text/counted.js';
import { openArchive } from '../../ovf/manifest/open-archive.js';
import { type StoredFile, storedPart } from '../../ovf/manifest/stored-file.js';
import { type Verified, type Verifying, verifyPackage } from '../../ovf/manifest/verify.js';
import { openLocalFile } from '../../platform/file-source.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { EXIT, exitCodeOf } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, printable, writeLines } from '../terminal/io.js';
import { isSystemError, whyUnread } from '../terminal/local-files.js';
import { createProgressLine } from '../terminal/progress-line.js';

const QUIET = { info: () => undefined, error: () => undefined, fatal: () => undefined };

/**
 * `ovadex verify`: compares the files of local images with the sums in their manifests, which reads all of their disks.
 * The worst outcome decides the exit code: `damaged` if a sum differs or a file is missing.
 */
export async function verify(images: readonly string[], io: Io): Promise<number> {
  return await interruptible({ io, logger: QUIET, interruptedCode: signalExitCode }, async (signal) => {
    const progress = createProgressLine(io.stderr);
    let code: number = EXIT.ok;
    for (const image of images) {
      try {
        const verified = await verifyImage(image, {
          signal,
          onProgress: (file, readBytes, totalBytes) =>
            progress.show(`${image}: ${file}, ${Math.floor((readBytes / Math.max(totalBytes, 1)) * 100)} % in all`),
        });
        progress.clear();
        writeLines(io.stdout, ...linesOf(image, verified), ...unmentionedIn(image, verified));
        if (!isWhole(verified)) code = EXIT.damaged;
      } catch (error) {
        progress.clear();
        const isExpected = error instanceof OvadexError || isSystemError(error);
        if (!isExpected) throw error;
        writeLines(io.stderr, `ovadex: ${printable(image)}: ${whyUnread(error)}`);
        code = Math.max(code, error instanceof OvadexError ? exitCodeOf(error) : EXIT.notFound);
      }
    }
    return code;
  });
}

async function verifyImage(image: string, verifying: Verifying): Promise<Verified> {
  if (standsBeside(image)) {
    return await verifyPackage(await filesBeside(image), basename(image), verifying);
  }
  const { source, sizeBytes } = await openLocalFile(image);
  try {
    const files = await openArchive(source, sizeBytes);
    const descriptor = files.find(({ name }) => /\.ovf$/i.test(name));
    return await verifyPackage(files, descriptor?.name ?? null, verifying);
  } finally {
    await source.close();
  }
}

/** Lists the files in a descriptor's folder; each is opened when it is read. */
async function filesBeside(image: string): Promise<readonly StoredFile[]> {
  const folder = dirname(image);
  await stat(image);
  const entries = await readdir(folder, { withFileTypes: true });
  const files: StoredFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile() && !entry.isSymbolicLink()) continue;
    const path = join(folder, entry.name);
    const found = await stat(path).catch((error: unknown) => {
      if (isSystemError(error)) return null; // a link that leads nowhere
      throw error;
    });
    if (found?.isFile() !== true) continue;
    files.push({
      name: pathFromBytes(Buffer.from(entry.name)),
      sizeBytes: found.size,
      async *pieces() {
        const { source, sizeBytes } = await openLocalFile(path);
        try {
          yield* storedPart(source, entry.name, 0, sizeBytes).pieces();
        } finally {
          await source.close();
        }
      },
    });
  }
  return files;
}

/** Beside a descriptor there may be other people's files; in an archive all of them belong to the image. */
function unmentionedIn(image: string, { unmentioned }: Verified): readonly string[] {
  return standsBeside(image) ? [] : unmentioned.map((name) => `  ${printable(name)}: not in the manifest`);
}

function standsBeside(image: string): boolean {
  return /\.ovf$/i.test(image);
}

function isWhole({ files, strange }: Verified): boolean {
  return strange.length === 0 && files.every(({ outcome }) => outcome === 'ok');
}

function linesOf(image: string, verified: Verified): readonly string[] {
  const wrong = verified.files.filter(({ outcome }) => outcome !== 'ok');
  const right = verified.files.length - wrong.length;
  const verdict = isWhole(verified) ? 'ok' : 'damaged';
  return [
    `${printable(image)}: ${verdict}, ${counted(right, 'file')} as in ${printable(verified.manifest)}`,
    ...wrong.map(
      ({ name, outcome }) => `  ${printable(name)}: ${outcome === 'missing' ? 'missing' : 'the sum differs'}`,
    ),
    ...verified.strange.map(
      (line) => `  the manifest has a line that is none of its forms: ${printable(line.slice(0, 100))}`,
    ),
  ];
}
