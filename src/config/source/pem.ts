import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsSettings } from '../../domain/model/space.js';
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

/** Why a client can't show this, or null. */
export function identityProblem({ certificate, key }: NonNullable<TlsSettings['identity']>): string | null {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    return 'must be the key of the (first) certificate';
  }
  // RSA keys of 512 bits are no good any more, and whatever else OpenSSL thinks of them.
  const context = parsed(() => createSecureContext({ cert: certificate, key }));
  return context === null ? "can't be used for TLS; it may be too short" : null;
}

/** null where OpenSSL takes it for none. Its errors say nothing to people, and all have a code. */
function parsed<Value extends X509Certificate | KeyObject | SecureContext>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
