import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { TlsSettings } from '../../domain/model/space.js';
import { type FileProblem, type FileText, readSmallFile } from './secret-file.js';

/** Four times the size of the root certificates that browsers ship. */
const MAX_PEM_BYTES = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/s;

export type PemFile = FileText | FileProblem;

/** Reads a file of certificates or keys. Only unexpected errors reject. */
export function readPemFile(file: string): Promise<PemFile> {
  return readSmallFile(file, MAX_PEM_BYTES);
}

/** Extracts the certificates from a text, one after the other. */
export function certificatesIn(text: string): { readonly pem: string } | FileProblem {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return { problem: 'must contain certificates in PEM (-----BEGIN CERTIFICATE-----)' };
  for (const [index, block] of blocks.entries()) {
    if (parsed(() => new X509Certificate(block)) === null) {
      return { problem: `must contain certificates in PEM; number ${index + 1} can't be read` };
    }
  }
  return { pem: `${blocks.join('\n')}\n` };
}

/** Extracts the first private key from a text and removes its passphrase. */
export function privateKeyIn(text: string, passphrase: string | null): { readonly pem: string } | FileProblem {
  const block = text.match(PRIVATE_KEY)?.[0];
  if (block === undefined) return { problem: 'must contain a private key in PEM (-----BEGIN PRIVATE KEY-----)' };
  const isEncrypted = /ENCRYPTED/.test(block);
  if (isEncrypted && passphrase === null)
    return { problem: 'is encrypted; name the file of its passphrase in keyPassphraseFile' };
  const key = parsed(() => createPrivateKey(isEncrypted ? { key: block, passphrase: passphrase ?? '' } : block));
  if (key === null) {
    return {
      problem: isEncrypted ? "can't be read with this passphrase" : "contains a private key that can't be read",
    };
  }
  return { pem: String(key.export({ type: 'pkcs8', format: 'pem' })) };
}

/** Explains why a client can't present this certificate, or null. */
export function identityProblem({ certificate, key }: NonNullable<TlsSettings['identity']>): string | null {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    return 'must be the key of the (first) certificate';
  }
  // OpenSSL rejects weak keys, such as RSA keys of 512 bits. Most configurations name no key, so Node's TLS is loaded here.
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const context = parsed(() => createSecureContext({ cert: certificate, key }));
  return context === null ? "can't be used for TLS; it may be too short" : null;
}

/** Returns null if OpenSSL rejects it. OpenSSL's errors, which all have a code, mean nothing to people. */
function parsed<Value extends X509Certificate | KeyObject | SecureContext>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
