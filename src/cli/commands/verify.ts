import { OvadexError } from '../../domain/model/errors.js';
import { MOST_SIBLINGS } from '../../domain/model/listing.js';
import { grouped } from '../../domain/text/counted.js';
import { toJson } from '../../domain/text/printable.js';
import { storedWhole } from '../../ovf/manifest/stored-file.js';
import type { Verified, VerifiedFile, Verifying } from '../../ovf/manifest/verify.js';
import { verifyArchive } from '../../ovf/manifest/verify-archive.js';
import { verifyBeside } from '../../ovf/verify-beside.js';
import { unverifiedToJson, verifiedToJson } from '../../wire/verified.js';
import { eachFile } from '../files/each-file.js';
import type { ImagePlace, OpenedFile, OpenPlace } from '../files/image-place.js';
import type { Pace } from '../files/pace.js';
import { foundInSame, readAsFound } from '../files/still-same.js';
import { strangeLines, verdictOn, verifiedLines, verifyProgress } from '../reports/verify-view.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeLines } from '../terminal/io.js';
import { createProgressLine } from '../terminal/progress-line.js';

export interface VerifyOptions {
  /** Whose space the images are in; not set: they are on this machine. */
  readonly user?: string | undefined;
  readonly json?: boolean | undefined;
}

const CODES = { ok: EXIT.ok, incomplete: EXIT.incomplete, damaged: EXIT.damaged };

const TOO_MANY = `which files are beside it is not known: its folder has more than ${grouped(MOST_SIBLINGS)}`;

/**
 * `ovadex verify`: compares the files of images on this machine or in a space with the sums in their manifests, which
 * reads all of their disks. The gravest outcome decides the exit code: `damaged` if a sum differs or a file is missing.
 */
export async function verify(
  images: readonly string[],
  options: VerifyOptions,
  io: Io,
  { open, pace }: { readonly open: OpenPlace; readonly pace: Pace },
): Promise<number> {
  const progress = createProgressLine(io.stderr);
  const tellJson = (json: unknown) => {
    progress.clear();
    writeLines(io.stdout, toJson(json));
  };
  return await eachFile(images, options, io, open, async (image, place, signal) => {
    const verifying: Verifying = {
      signal,
      onProgress: (file, readBytes, totalBytes) => progress.show(verifyProgress(image, file, readBytes, totalBytes)),
      ...(options.json === true && {
        onVerified: (file, manifest) => tellJson(verifiedToJson(image, manifest, file)),
      }),
    };
    try {
      const verified = await verifyImage(image, place, pace, verifying);
      progress.clear();
      if (options.json !== true) writeLines(io.stdout, ...verifiedLines(image, verified));
      else {
        for (const outcome of ['unmentioned', 'unlooked'] as const) {
          for (const name of verified[outcome]) tellJson(unverifiedToJson(image, verified.manifest, name, outcome));
        }
        const lines = strangeLines(verified).map((line) => `ovadex: ${printable(image)}: ${line}`);
        writeLines(io.stderr, ...lines);
      }
      return CODES[verdictOn(verified)];
    } finally {
      progress.clear();
    }
  });
}

async function verifyImage(image: string, place: ImagePlace, pace: Pace, verifying: Verifying): Promise<Verified> {
  const { name, sizeBytes, parts, stream, requireSame } = await place.open(image);
  const { signal } = verifying;
  if (/\.ovf$/i.test(name)) {
    const files = await place.beside(image);
    if (files === null) throw new OvadexError('unavailable', TOO_MANY);
    const stored = files.map((file) => {
      const whole = storedWhole(file.name, file.sizeBytes, async () => pace(await file.stream(), signal));
      return readAsFound(whole, file.requireSame);
    });
    return await verifyBeside(stored, name, verifying);
  }
  // Nothing is told of its files before it is known that all of them were read of the very same archive.
  const told: (readonly [VerifiedFile, string])[] = [];
  const onVerified = (...file: readonly [VerifiedFile, string]) => void told.push(file);
  const held = { ...verifying, onVerified };
  const verified = await foundInSame(() => verifyStored({ parts, stream, sizeBytes }, pace, held), requireSame);
  for (const file of told) verifying.onVerified?.(...file);
  return verified;
}

type Archive = Pick<OpenedFile, 'parts' | 'stream' | 'sizeBytes'>;

async function verifyStored(
  { parts, stream, sizeBytes }: Archive,
  pace: Pace,
  verifying: Verifying,
): Promise<Verified> {
  const headers = await parts();
  try {
    const data = pace(await stream(), verifying.signal);
    try {
      return await verifyArchive({ headers, data }, sizeBytes, verifying);
    } finally {
      await data.close();
    }
  } finally {
    await headers.close();
  }
}
