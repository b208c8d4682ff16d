import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Writes a file, and creates the folders above it. */
export function put(root: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
  chmodSync(join(root, path), mode);
}

/** Writes a compressed file, as Debian requires for manual pages and changelogs; Node's gzip contains no time. */
export function putCompressed(root: string, path: string, content: string): void {
  put(root, `${path}.gz`, gzipSync(content, { level: 9 }));
}

/** Lists all files, folders and links below the root as relative paths, in the same order on every machine. It follows no link. */
function entriesOf(root: string): readonly string[] {
  // No link is followed: what it leads to is not of the package.
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...below(path)] : [path];
    });
  return [...below('')].sort();
}

/** Sets permissions and times, whatever the umask and the day; `modes` lists the files whose mode is not 0644. */
export function settle(root: string, modes: Readonly<Record<string, number>>, seconds: number): void {
  for (const path of ['', ...entriesOf(root)]) {
    const file = join(root, path);
    const stat = lstatSync(file);
    if (!stat.isSymbolicLink()) chmodSync(file, stat.isDirectory() ? 0o755 : (modes[path] ?? 0o644));
    lutimesSync(file, seconds, seconds);
  }
}

/** Returns the checksums for `dpkg --verify`. */
export function checksums(root: string): string {
  const files = entriesOf(root).filter((path) => lstatSync(join(root, path)).isFile());
  const lines = files
    .filter((path) => !path.startsWith('etc/') && !path.startsWith('DEBIAN'))
    .map(
      (path) =>
        `${createHash('md5')
          .update(readFileSync(join(root, path)))
          .digest('hex')}  ${path}\n`,
    );
  return lines.join('');
}

/** Returns the size of all files in KiB, each rounded up as Debian counts. */
export function installedSize(root: string): number {
  const sizes = entriesOf(root).map((path) => {
    const stat = lstatSync(join(root, path));
    return stat.isFile() ? Math.ceil(stat.size / 1024) : 1;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
