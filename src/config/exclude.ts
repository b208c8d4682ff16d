import picomatch from 'picomatch';

/**
 * Whether a path is left out of the index. A glob without a slash is tried on
 * every name along the path, one with a slash on the path from the space's
 * root; whatever lies below a match is left out, too. Case matters, as it does in a storage.
 */
export function compileExclusions(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false; // asked for every member of every collection
  const isExcludedName = compile(globs.filter((glob) => !glob.includes('/')));
  const isExcludedPath = compile(
    globs.filter((glob) => glob.includes('/')).map((glob) => glob.replace(/^\/|\/$/g, '')),
  );
  return (path) => {
    const names = path.split('/');
    return names.some((name, i) => isExcludedName(name) || isExcludedPath(names.slice(0, i + 1).join('/')));
  };
}

function compile(globs: readonly string[]): (text: string) => boolean {
  return picomatch([...globs], { dot: true, nonegate: true });
}
