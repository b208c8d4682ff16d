import { generate } from 'selfsigned';

/** PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** An authority that nobody trusts who isn't told to. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** For a server at 127.0.0.1 or of the documents' name, or for a client; the key is encrypted where there is a passphrase. */
  issue(subject: string, passphrase?: string): Promise<Identity>;
}

const KEY = { keyType: 'ec', algorithm: 'sha256' } as const;

export async function createAuthority(name: string): Promise<Authority> {
  const authority = await generate([{ name: 'commonName', value: name }], {
    ...KEY,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    certificate: authority.cert,
    async issue(subject, passphrase) {
      const issued = await generate([{ name: 'commonName', value: subject }], {
        ...KEY,
        ca: { cert: authority.cert, key: authority.private },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          {
            name: 'subjectAltName',
            altNames: [
              { type: 7, ip: '127.0.0.1' },
              { type: 2, value: 'vss-api.example.org' },
            ],
          },
        ],
        ...(passphrase === undefined ? {} : { passphrase }),
      });
      return { certificate: issued.cert, key: issued.private };
    },
  };
}
