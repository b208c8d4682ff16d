import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/** Folders of the sources that the build lays beside the program as they are. */
export const LAID = new Set(['browser']);
const PLACE = /new URL\('([^']+)', import\.meta\.url\)/g;

/**
 * Corrects what sources say of files relative to themselves, since all that is built of them lies in one folder.
 * Throws where a thread is named that is not built as a file of its own.
 */
export function inOneFolder(sources: string, entries: readonly string[]): Plugin {
  const threads = new Set(entries.map((name) => join(sources, `${name}.js`)));
  return {
    name: 'in-one-folder',
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const contents = text.replace(PLACE, (_, named: string) => {
          const place = resolve(dirname(path), named);
          const isOutside = relative(sources, place).startsWith('..');
          const isLaid = LAID.has(relative(sources, place));
          if (!isOutside && !isLaid && !threads.has(place))
            throw new Error(`${path} names ${named}, which is not built as a file of its own`);
          const end = named.endsWith('/') ? '/' : '';
          const moved = isOutside ? relative(sources, place) + end : `./${basename(place)}`;
          return `new URL('${moved}', import.meta.url)`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** Leaves imports of these sources to the files that are built of them by another build, into the same folder. */
export function builtApart(sources: string, names: readonly string[]): Plugin {
  const places = new Map(names.map((name) => [join(sources, `${name}.js`), `./${basename(name)}.js`]));
  return {
    name: 'built-apart',
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
        const built = places.get(resolve(resolveDir, path));
        return built === undefined ? undefined : { path: built, external: true };
      });
    },
  };
}

/** Leaves to another build what these sources import at need, and adds its names to `names`. */
export function importedLater(sources: string, importers: RegExp, names: Set<string>): Plugin {
  return {
    name: 'imported-later',
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.js$/ }, ({ path, kind, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || !importers.test(importer)) return undefined;
        const name = relative(sources, resolve(resolveDir, path)).replace(/\.js$/, '');
        names.add(name);
        return { path: `./${basename(name)}.js`, external: true };
      });
    },
  };
}

/** Leaves out what pg would load in place of itself: a compiled package, which nobody has. */
export const withoutNative: Plugin = {
  name: 'without-native',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^pg-native$/ }, ({ path }) => ({ path, namespace: 'without-native' }));
    onLoad({ filter: /.*/, namespace: 'without-native' }, () => ({ contents: 'throw new Error("left out");' }));
  },
};

/** Gives packages that call `require` Node's own modules without it, which ES modules don't have. */
export const nodeModules: Plugin = {
  name: 'node-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && (path.startsWith('node:') || isBuiltin(path))
        ? { path, namespace: 'node-modules' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'node-modules' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Leaves out zod's messages in other languages, a sixth of what a short command would read. */
export const withoutLocales: Plugin = {
  name: 'without-locales',
  setup({ onResolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer, resolveDir }) =>
      importer.includes('/node_modules/zod/') ? { path: resolve(resolveDir, '../locales/en.js') } : undefined,
    );
  },
};
