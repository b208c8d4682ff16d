import * as z from 'zod';
import type { ConnectionSettings, ProxySettings, TlsSettings } from '../../domain/model/space.js';
import { isReadable, mapping } from '../fields/fields.js';
import { certificateFile, keyFile, type SchemaSurroundings, secretFile } from '../fields/files.js';
import { identityProblem, privateKeyIn } from '../source/pem.js';
import { headersSchema } from './headers.js';
import { proxySchema } from './proxy.js';

/** Connection keys of the storage section or a space; absent ones are inherited. */
export interface ConnectionEntry {
  readonly headers?: ConnectionSettings['headers'] | undefined;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ProxySettings | 'direct' | undefined;
}

/** Creates the schemas of the connection keys, for the sections that have them. */
export function connectionKeys(surroundings: SchemaSurroundings) {
  return {
    headers: headersSchema(surroundings).optional(),
    tls: tlsSchema(surroundings).optional(),
    proxy: proxySchema(surroundings).optional(),
  };
}

/** Creates the schema of certificates and a key. */
export function tlsSchema(surroundings: SchemaSurroundings) {
  return mapping({
    ca: certificateFile(surroundings).optional(),
    certificate: certificateFile(surroundings).optional(),
    key: keyFile(surroundings).optional(),
    keyPassphraseFile: secretFile(surroundings).optional(),
  })
    .refine((given) => (given.certificate === undefined) === (given.key === undefined), {
      error: 'must have both certificate and key, or neither',
      when: isReadable,
    })
    .transform(({ ca = null, certificate, key, keyPassphraseFile }, context): TlsSettings => {
      if (certificate === undefined || key === undefined) return { ca, identity: null };
      const complain = (name: string, message: string) => {
        context.addIssue({ code: 'custom', path: [name], message });
        return z.NEVER;
      };
      const answer = privateKeyIn(key, keyPassphraseFile?.secret ?? null);
      if ('problem' in answer) return complain('key', answer.problem);
      const identity = { certificate, key: answer.pem };
      const problem = identityProblem(identity);
      return problem === null ? { ca, identity } : complain('key', problem);
    });
}

/** Combines a space's own keys with the inherited ones; undefined for a plain connection. */
export function connectionOf(own: ConnectionEntry, inherited: ConnectionEntry): ConnectionSettings | undefined {
  const { headers = {}, tls, proxy } = { ...inherited, ...definedOf(own) };
  const isPlainTls = tls === undefined || (tls.ca === null && tls.identity === null);
  const isDirect = proxy === undefined || proxy === 'direct';
  if (Object.keys(headers).length === 0 && isPlainTls && isDirect) return undefined;
  return { headers, tls: isPlainTls ? null : tls, proxy: isDirect ? null : proxy };
}

function definedOf({ headers, tls, proxy }: ConnectionEntry): ConnectionEntry {
  return {
    ...(headers === undefined ? {} : { headers }),
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
