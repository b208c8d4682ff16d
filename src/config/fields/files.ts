import * as z from 'zod';
import { USER_PLACEHOLDER } from '../../domain/model/user-auth.js';
import { certificatesIn, type PemFile } from '../source/pem.js';
import type { FileProblem, SecretFile } from '../source/secret-file.js';
import { text } from './fields.js';

/** The functions through which the schema accesses the file system. */
export interface SchemaSurroundings {
  /** Resolves a path relative to the configuration's folder. */
  resolvePath(path: string): string;
  readSecret(file: string): Promise<SecretFile>;
  readCertificates(file: string): Promise<PemFile>;
  readKey(file: string): Promise<PemFile>;
  /** Returns why a folder can't be read, or null. */
  troubleOfFolder(path: string): Promise<string | null>;
}

/** A folder that can be read; yields its absolute path. */
export function readableFolder({ resolvePath, troubleOfFolder }: SchemaSurroundings) {
  return text('the path of a folder').transform(async (given, context) => {
    const path = resolvePath(given);
    const trouble = await troubleOfFolder(path);
    if (trouble === null) return path;
    context.addIssue({ code: 'custom', message: `must be a folder that can be read; ${trouble}: ${path}` });
    return z.NEVER;
  });
}

/** A file that holds a secret as its only line. */
export function secretFile({ resolvePath, readSecret }: SchemaSurroundings) {
  return fileField(resolvePath, readSecret);
}

/** A user's own file if its path contains `{user}`: it is read once the user is known. */
export interface UserSecretFile {
  readonly path: string;
  readonly secret: string | null;
}

/** A file that holds a secret as its only line, the same for all or, with `{user}` in its path, one for each user. */
export function userSecretFile({ resolvePath, readSecret }: SchemaSurroundings) {
  return fileField<{ readonly secret: string | null }>(
    resolvePath,
    async (path) => (path.includes(USER_PLACEHOLDER) ? { secret: null } : await readSecret(path)),
    { mayHaveUser: true },
  );
}

/** A file of certificates; yields only these. */
export function certificateFile({ resolvePath, readCertificates }: SchemaSurroundings) {
  return fileField(resolvePath, async (path) => {
    const answer = await readCertificates(path);
    return 'problem' in answer ? answer : certificatesIn(answer.text);
  }).transform(({ pem }) => pem);
}

/** A file with a private key, whose content is checked later, together with its passphrase. */
export function keyFile({ resolvePath, readKey }: SchemaSurroundings) {
  return fileField(resolvePath, readKey).transform((answer) => answer.text);
}

/** A file's path and the result of reading it; an unreadable file is a problem of the field. */
function fileField<Answer extends object>(
  resolvePath: (path: string) => string,
  read: (path: string) => Promise<Answer | FileProblem>,
  { mayHaveUser = false } = {},
) {
  return filePath(mayHaveUser).transform(async (file, context) => {
    const path = resolvePath(file);
    const answer = await read(path);
    if (!('problem' in answer)) return { ...answer, path };
    context.addIssue({ code: 'custom', message: path === file ? answer.problem : `${answer.problem}: ${path}` });
    return z.NEVER;
  });
}

/** A file's path; rejects file content pasted in its place, which messages would show. */
function filePath(mayHaveUser: boolean) {
  const what = 'the path of a file';
  return text(what)
    .regex(/^(?!.*-----BEGIN)\P{Cc}*$/u, { error: `must be ${what}` })
    .refine((path) => mayHaveUser || !path.includes(USER_PLACEHOLDER), {
      error: `must be ${what}, written out: {user} is replaced only in url, and in the username, passwordFile and tokenFile of auth`,
      abort: true,
    });
}
