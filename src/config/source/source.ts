import { opendir, readFile, stat } from 'node:fs/promises';
import { OvadexError } from '../../domain/model/errors.js';
import { type ConfigDocument, parseConfigDocument } from './document.js';
import { decodeText } from './encoding.js';
import { type PemFile, readPemFile } from './pem.js';
import { FILE_REASONS, readSecretFile, type SecretFile } from './secret-file.js';

/** Twenty thousand spaces with a URL and credentials each, in one file or many. */
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

/** A configuration file that was read. */
export interface ConfigSource {
  /** Its path, as given. */
  readonly file: string;
  readonly document: ConfigDocument;
  readonly sizeBytes: number;
  readonly isWorldReadable: boolean;
}

/** Reads a configuration file. Throws OvadexError `config` if it can't be read; problems in its content are in the document. */
export async function readSource(file: string, maxBytes = MAX_CONFIG_BYTES): Promise<ConfigSource> {
  try {
    const { size: sizeBytes, mode, ...found } = await inspect(file);
    if (!found.isReadable) {
      throw new OvadexError(
        'config',
        `${file}: the configuration can't be read: it is a pipe; it must be a regular file`,
      );
    }
    if (sizeBytes > maxBytes) {
      throw new OvadexError('config', `${file}: is ${sizeBytes} bytes long; at most ${maxBytes} are allowed`);
    }
    const decoded = decodeText(await readFile(file));
    const isWorldReadable = (mode & 0o004) !== 0;
    if ('text' in decoded) return { file, document: parseConfigDocument(decoded.text), sizeBytes, isWorldReadable };
    const document = { ...parseConfigDocument(''), data: undefined, problems: [decoded.problem] };
    return { file, document, sizeBytes, isWorldReadable };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error instanceof OvadexError) throw error;
    const reason = FILE_REASONS[String(error.code)] ?? error.message;
    const advice =
      error.code === 'EACCES' ? '; run this as root, or as the account of the service (sudo -u ovadex ...)' : '';
    throw new OvadexError('config', `${file}: the configuration can't be read: ${reason}${advice}`, { cause: error });
  }
}

/** Describes the file. A pipe made by a shell (`--config <(...)`) ends; a named pipe may never end. */
async function inspect(file: string) {
  const found = await stat(file);
  const isPipe = found.isFIFO() || found.isSocket();
  return { size: found.size, mode: found.mode, isReadable: !isPipe || file.startsWith('/dev/fd/') };
}

/**
 * Reads each file once, one after the other, since thousands of spaces may share a few. Notes secret files (all but
 * certificates) that everybody may read.
 */
export function createFileReader() {
  const files = new Set<string>();
  const worldReadable = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const once = <Answer extends SecretFile | PemFile>(read: (file: string) => Promise<Answer>, isSecret: boolean) => {
    const answers = new Map<string, Promise<Answer>>();
    const readNext = async (file: string, before: Promise<unknown>): Promise<Answer> => {
      await before;
      const answer = await read(file);
      if (isSecret && 'isWorldReadable' in answer && answer.isWorldReadable) worldReadable.add(file);
      return answer;
    };
    return (file: string): Promise<Answer> => {
      const answer = answers.get(file) ?? readNext(file, last);
      answers.set(file, answer);
      files.add(file);
      last = answer;
      return answer;
    };
  };
  return {
    readSecret: once(readSecretFile, true),
    readCertificates: once(readPemFile, false),
    readKey: once(readPemFile, true),
    troubleOfFolder,
    files: (): readonly string[] => [...files],
    worldReadable: (): readonly string[] => [...worldReadable],
  };
}

async function troubleOfFolder(path: string): Promise<string | null> {
  try {
    await (await opendir(path)).close();
    return null;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return 'there is no such folder';
    return error.code === 'ENOTDIR' ? 'it is no folder' : (FILE_REASONS[String(error.code)] ?? String(error.code));
  }
}
