import { z } from 'zod';
import { certificatesIn, type PemFile } from '../source/pem.js';
import type { FileProblem, SecretFile } from '../source/secret-file.js';
import { text } from './fields.js';

/** What the schema needs of the world. */
export interface SchemaSurroundings {
  /** Makes a path absolute, as seen from the configuration's folder. */
  resolvePath(path: string): string;
  readSecret(file: string): Promise<SecretFile>;
  readCertificates(file: string): Promise<PemFile>;
  readKey(file: string): Promise<PemFile>;
}

/** A file that holds a secret as its only line. */
export function secretFile({ resolvePath, readSecret }: SchemaSurroundings) {
  return fileField(resolvePath, readSecret);
}

/** A file of certificates; comes out as these alone. */
export function certificateFile({ resolvePath, readCertificates }: SchemaSurroundings) {
  return fileField(resolvePath, async (path) => {
    const answer = await readCertificates(path);
    return 'problem' in answer ? answer : certificatesIn(answer.text);
  }).transform(({ pem }) => pem);
}

/** A file with a private key; what it holds is judged together with its passphrase. */
export function keyFile({ resolvePath, readKey }: SchemaSurroundings) {
  return fileField(resolvePath, readKey).transform((answer) => answer.text);
}

/** The path of a file together with what reading it answers, where that is no problem. */
function fileField<Answer extends object>(
  resolvePath: (path: string) => string,
  read: (path: string) => Promise<Answer | FileProblem>,
) {
  return filePath().transform(async (file, context) => {
    const path = resolvePath(file);
    const answer = await read(path);
    if (!('problem' in answer)) return { ...answer, path };
    context.addIssue({ code: 'custom', message: path === file ? answer.problem : `${answer.problem}: ${path}` });
    return z.NEVER;
  });
}

/** Not the content itself, which would be shown. */
function filePath() {
  const what = 'the path of a file';
  return text(what)
    .regex(/^(?!.*-----BEGIN)\P{Cc}*$/u, { error: `must be ${what}` })
    .refine((path) => !path.includes('{user}'), {
      error: `must be ${what}, written out for each space: {user} has a meaning in url alone`,
      abort: true,
    });
}
