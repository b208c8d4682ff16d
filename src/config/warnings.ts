import type { Credentials } from '../domain/space.js';
import type { Config, ConfigFile } from './schema.js';

/** What is allowed in a configuration but hardly meant, one line each. */
export function warningsOf(checked: {
  config: Config;
  file: string;
  isWorldReadable: boolean;
  /** Secret files that every user of the machine may read. */
  readableFiles: readonly string[];
  /** The file's content before validation. */
  data: unknown;
  storage: ConfigFile['storage'];
}): string[] {
  const { config } = checked;
  const warnings = checked.readableFiles.map(
    (file) => `${file}: every user of this machine can read this secret; chmod 600 or 640 ends that`,
  );
  if (checked.isWorldReadable && holdsSecret(checked.data)) {
    warnings.push(`${checked.file}: every user of this machine can read the secrets in it; chmod 600 or 640 ends that`);
  }
  const roots = [...config.spaces, ...config.discoveries];
  const unprotected = roots.filter(isSentInClear).map(({ url }) => new URL(url).origin);
  for (const origin of new Set(unprotected)) {
    warnings.push(`${origin}: passwords and tokens travel there unencrypted; https:// ends that`);
  }
  const { storage } = checked;
  if (storage.auth !== undefined && storage.url !== undefined) {
    const home = new URL(storage.url).origin;
    const strays = roots.filter(({ url, auth }) => auth === storage.auth && new URL(url).origin !== home);
    for (const { url } of strays) {
      warnings.push(
        `${url}: storage.auth goes there, too, though storage.url is on ${home}; an auth of its own ends that`,
      );
    }
  }
  if (roots.length === 0) {
    warnings.push(`${checked.file}: there are no spaces yet; nothing will be indexed`);
  }
  return warnings;
}

function holdsSecret(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return Object.entries(data).some(
    ([key, value]) => ((key === 'password' || key === 'token') && typeof value === 'string') || holdsSecret(value),
  );
}

/** Digest never sends the password itself. */
function isSentInClear({ url, auth }: { url: string; auth: Credentials }): boolean {
  if (auth.type !== 'basic' && auth.type !== 'bearer') return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.');
}
