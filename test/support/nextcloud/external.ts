import { below, type CloudMount, type CloudPlace } from './node.js';
import { type CloudMint, type CloudStorage, createStorage, type NodeTraits } from './storage.js';

/** A storage that others write to behind Nextcloud's back, which notices when it looks. */
export interface ExternalStorage {
  /** Written by others: no marker moves before Nextcloud looks. */
  put(path: string, traits?: NodeTraits): void;
  remove(path: string): void;
  /** `occ files:scan` */
  scan(): void;
}

export interface ExternalMount extends ExternalStorage {
  readonly mount: CloudMount;
  /** Nextcloud looks at the direct members of a folder that is asked for, and no further. */
  lookAt(place: CloudPlace): void;
}

export function createExternal(mint: CloudMint, at: string): ExternalMount {
  const disk = createStorage(mint);
  const cache = createStorage(mint);
  const mount: CloudMount = { type: 'external', root: cache.root, at };

  const look = (path: string) => {
    const real = disk.find(path);
    const known = cache.find(path);
    if (known?.children === null || known === null) return;
    if (real === null) return void (path !== '' && cache.remove(path));
    takeMembers(disk, cache, path);
  };
  return {
    mount,
    put: (path, traits) => void disk.put(path, traits),
    remove: (path) => void disk.remove(path),
    scan() {
      look('');
      for (const [path, { children }] of below(disk.root)) if (children !== null) look(path);
    },
    lookAt: ({ path }) => look(path.slice(at.length + 1)),
  };
}

function takeMembers(disk: CloudStorage, cache: CloudStorage, path: string): void {
  const real = disk.find(path)?.children ?? new Map();
  const known = cache.find(path)?.children ?? new Map();
  const within = (name: string) => (path === '' ? name : `${path}/${name}`);
  for (const name of [...known.keys()]) if (!real.has(name)) cache.remove(within(name));
  for (const [name, { children, sizeBytes, modifiedAt }] of real) {
    const old = known.get(name);
    if (children !== null) cache.makeFolder(within(name));
    else if (old?.sizeBytes !== sizeBytes || old?.modifiedAt !== modifiedAt) {
      cache.put(within(name), { sizeBytes, modifiedAt });
    }
  }
}
