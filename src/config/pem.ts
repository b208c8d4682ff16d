import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { TlsSettings } from '../domain/space.js';
import { type FileProblem, type FileText, readSmallFile } from './secret-file.js';

/** The roots of all authorities that browsers know are a quarter of it. */
const MAX_PEM_BYTES = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/s;

export type PemFile = FileText | FileProblem;

/** A file of certificates or keys. Only unexpected errors reject. */
export function readPemFile(file: string): Promise<PemFile> {
  return readSmallFile(file, MAX_PEM_BYTES);
}

/** The certificates of a text, one behind the other. */
export function certificatesIn(text: string): { readonly pem: string } | FileProblem {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return { problem: 'must hold certificates in PEM (-----BEGIN CERTIFICATE-----)' };
  for (const [index, block] of blocks.entries()) {
    if (parsed(() => new X509Certificate(block)) === null) {
      return { problem: `must hold certificates in PEM; number ${index + 1} can't be read` };
    }
  }
  return { pem: `${blocks.join('\n')}\n` };
}

/** The first private key of a text, without its passphrase. */
export function privateKeyIn(text: string, passphrase: string | null): { readonly pem: string } | FileProblem {
  const block = text.match(PRIVATE_KEY)?.[0];
  if (block === undefined) return { problem: 'must hold a private key in PEM (-----BEGIN PRIVATE KEY-----)' };
  const isEncrypted = /ENCRYPTED/.test(block);
  if (isEncrypted && passphrase === null)
    return { problem: 'is encrypted; keyPassphraseFile must name its passphrase' };
  const key = parsed(() => createPrivateKey(isEncrypted ? { key: block, passphrase: passphrase ?? '' } : block));
  if (key === null) {
    return { problem: isEncrypted ? "can't be read with this passphrase" : "holds a private key that can't be read" };
  }
  return { pem: String(key.export({ type: 'pkcs8', format: 'pem' })) };
}

/** Whether a client can show this: the key must belong to the first certificate. */
export function isIdentity({ certificate, key }: NonNullable<TlsSettings['identity']>): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

/** null where the text is none. OpenSSL's errors say nothing to people, and all have a code. */
function parsed<Value extends X509Certificate | KeyObject>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
