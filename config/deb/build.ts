import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { browserPackages } from './browser-packages.js';
import { copyrightFile } from './copyright.js';
import { copyDependencies, dependenciesOf, type Replaced } from './dependencies.js';
import { checksums, installedSize, put, putCompressed, settle } from './tree.js';

export interface BuildOptions {
  readonly project: string;
  /** An empty folder for intermediate files. */
  readonly scratch: string;
  /** The folder to write the package to. */
  readonly folder: string;
  /** SOURCE_DATE_EPOCH, and DEBFULLNAME and DEBEMAIL as in Debian's own tools. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A binding for each major version of Node that the package supports. */
  readonly bindings: readonly Binding[];
  /** A better-sqlite3 other than the project's, if these versions of Node need one. */
  readonly replaced?: Replaced;
  /** A `node` that runs the program now, and flags for the installed one. */
  readonly node: string;
  readonly flags: readonly string[];
}

/** SQLite's binding, compiled for the module version of a major version of Node. */
export interface Binding {
  readonly major: string;
  readonly modules: string;
  readonly file: string;
  /** Its path below the folder of better-sqlite3, which searches there. */
  readonly place: string;
}

const PROGRAM = 'usr/lib/ovadex';
const SQLITE = `${PROGRAM}/node_modules/better-sqlite3`;
const DOCUMENTS = 'usr/share/doc/ovadex';
const CONFIGURATION = 'etc/ovadex/ovadex.yaml';
/** It may contain passwords; postinst gives it to the service's group. */
const CONFIGURATION_MODE = 0o640;
const MAINTAINER_SCRIPTS = ['postinst', 'prerm', 'postrm'];
/** Files in `config/` for an administrator to copy. */
const EXAMPLES = ['ovadex.example.yaml', 'grafana', 'logrotate', 'prometheus', 'proxies'];
/** Documents, placed as in the sources so that the links between them work. */
const READMES = ['.', 'config', 'src', 'src/crawl', 'src/http', 'test'].map((folder) => join(folder, 'README.md'));
/** Folders in `config/` that they link to but that are not examples. */
const LINKED = ['container', 'systemd'];
/** Where each shell looks for completions installed by packages. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/ovadex',
  zsh: 'usr/share/zsh/vendor-completions/_ovadex',
  fish: 'usr/share/fish/vendor_completions.d/ovadex.fish',
} as const;

/** Builds ovadex_VERSION_ARCHITECTURE.deb from the output of `npm pack` and `npm ci`, and returns its path. */
export function buildPackage(options: BuildOptions): string {
  const { project, scratch, folder, environment, bindings, replaced, node, flags } = options;
  const seconds = sourceDate(project, environment);
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...environment, SOURCE_DATE_EPOCH: String(seconds) },
    });
  const root = join(scratch, 'root');
  const shipped = (path: string) => readFileSync(join(project, 'config', path), 'utf8');
  const { version: npmVersion } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    version: string;
  };
  const version = npmVersion.replace('-', '~'); // 1.0.0-rc.1 comes before 1.0.0
  const maintainer = `${environment['DEBFULLNAME'] ?? 'ovadex maintainers'} <${environment['DEBEMAIL'] ?? 'maintainers@ovadex.example.org'}>`;

  // The program as npm would install it, with the packages of the lock file.
  run('npm', 'pack', '--silent', '--pack-destination', scratch);
  mkdirSync(join(root, PROGRAM), { recursive: true });
  run('tar', '-xzf', join(scratch, `ovadex-${npmVersion}.tgz`), '--strip-components=1', '-C', join(root, PROGRAM));
  const dependencies = dependenciesOf(project, replaced);
  copyDependencies(project, dependencies, join(root, PROGRAM));
  // Removed from its usual place, which is searched first: a binding for another Node there would break every start.
  rmSync(join(root, SQLITE, 'build'), { recursive: true });
  const addons = bindings.map(({ place, file }) => {
    const path = `${SQLITE}/${place}`;
    put(root, path, readFileSync(file));
    run('strip', '--strip-unneeded', join(root, path));
    return path;
  });
  // The node that the package depends on, not the first one on the path.
  const main = readFileSync(join(root, PROGRAM, 'dist/main.js'), 'utf8');
  put(root, `${PROGRAM}/dist/main.js`, main.replace(/^#!.*/, ['#!/usr/bin/node', ...flags].join(' ')));
  mkdirSync(join(root, 'usr/bin'));
  symlinkSync('../lib/ovadex/dist/main.js', join(root, 'usr/bin/ovadex'));

  for (const page of ['ovadex.1', 'ovadex.yaml.5']) {
    const text = readFileSync(join(root, PROGRAM, 'dist/man', page), 'utf8');
    putCompressed(root, `usr/share/man/man${page.at(-1)}/${page}`, text);
  }
  rmSync(join(root, PROGRAM, 'dist/man'), { recursive: true });
  if (/^\s+completion\b/m.test(run(node, join(root, PROGRAM, 'dist/main.js'), '--help'))) {
    for (const [shell, path] of Object.entries(COMPLETIONS))
      put(root, path, run(node, join(root, PROGRAM, 'dist/main.js'), 'completion', shell));
  }

  // The schema that the first line of the configuration names for editors.
  put(root, 'usr/share/ovadex/ovadex.schema.json', run(node, join(root, PROGRAM, 'dist/main.js'), 'config', 'schema'));
  put(root, 'usr/lib/systemd/system/ovadex.service', shipped('systemd/ovadex.service'));
  put(root, 'usr/lib/systemd/system/ovadex.socket', shipped('systemd/ovadex.socket'));
  put(root, 'usr/lib/sysusers.d/ovadex.conf', shipped('systemd/ovadex.sysusers'));
  put(root, CONFIGURATION, shipped('ovadex.starter.yaml'), CONFIGURATION_MODE);

  for (const each of READMES) {
    mkdirSync(join(root, DOCUMENTS, dirname(each)), { recursive: true });
    renameSync(join(root, PROGRAM, each), join(root, DOCUMENTS, each));
  }
  for (const each of ['src', 'test']) rmSync(join(root, PROGRAM, each), { recursive: true });
  for (const each of EXAMPLES) {
    cpSync(join(project, 'config', each), join(root, DOCUMENTS, 'examples', each), { recursive: true });
    symlinkSync(`../examples/${each}`, join(root, DOCUMENTS, 'config', each));
  }
  for (const each of LINKED)
    symlinkSync(relative(`/${DOCUMENTS}/config`, `/${PROGRAM}/config/${each}`), join(root, DOCUMENTS, 'config', each));
  const shown = [...browserPackages(join(root, PROGRAM)), ...dependencies];
  put(root, `${DOCUMENTS}/copyright`, copyrightFile(shown, join(root, PROGRAM), maintainer));
  putCompressed(root, `${DOCUMENTS}/changelog`, changelog(version, maintainer, seconds));
  put(root, 'usr/share/lintian/overrides/ovadex', shipped('deb/lintian-overrides'));

  const majors = bindings.map(({ major }) => major).sort();
  const values = {
    VERSION: version,
    ARCHITECTURE: run('dpkg', '--print-architecture').trim(),
    MAINTAINER: maintainer,
    SIZE: String(installedSize(root)),
    DEPENDS: [
      ...nodeDependencies(majors),
      'systemd | systemd-standalone-sysusers',
      ...libraries(
        run,
        scratch,
        addons.map((path) => join(root, path)),
      ),
    ].join(', '),
    NODE: majors.join(', '),
    MODULES: bindings.map(({ modules }) => modules).join(' '),
  };
  const filled = (name: string) =>
    shipped(`deb/${name}`).replace(/@([A-Z]+)@/g, (_, key: string) => String(values[key as keyof typeof values]));
  put(root, 'DEBIAN/md5sums', checksums(root));
  put(root, 'DEBIAN/conffiles', `/${CONFIGURATION}\n`);
  for (const name of ['control', ...MAINTAINER_SCRIPTS]) put(root, `DEBIAN/${name}`, filled(name));

  const executable = [`${PROGRAM}/dist/main.js`, ...MAINTAINER_SCRIPTS.map((name) => `DEBIAN/${name}`)];
  const modes = Object.fromEntries(executable.map((path) => [path, 0o755]));
  settle(root, { ...modes, [CONFIGURATION]: CONFIGURATION_MODE }, seconds);
  const file = join(folder, `ovadex_${version}_${values.ARCHITECTURE}.deb`);
  run('dpkg-deb', '--root-owner-group', '-Zxz', '--build', root, file);
  return file;
}

/** Limits Node to the range of these major versions; postinst rejects those in between without a binding. */
function nodeDependencies(majors: readonly string[]): readonly string[] {
  const [first = '', last = ''] = [majors[0], majors.at(-1)];
  return [`nodejs (>= ${first === '20' ? '20.19' : first})`, `nodejs (<< ${Number(last) + 1})`];
}

type Run = (program: string, ...args: readonly string[]) => string;

/** Lists the C libraries of the compiled parts, with the required versions. */
function libraries(run: Run, scratch: string, addons: readonly string[]): readonly string[] {
  put(scratch, 'debian/control', 'Source: ovadex\n\nPackage: ovadex\nArchitecture: any\n');
  const command = 'cd "$0" && dpkg-shlibdeps -O "$@" 2>/dev/null';
  const [, found = ''] =
    /^shlibs:Depends=(.*)$/m.exec(run('sh', '-c', command, scratch, ...addons.map((addon) => `-e${addon}`))) ?? [];
  return found.split(', ').filter((each) => each !== '');
}

/** Returns the time of the last commit, unless SOURCE_DATE_EPOCH is set, so that the same sources make the same package. */
function sourceDate(project: string, environment: BuildOptions['environment']): number {
  const given = environment['SOURCE_DATE_EPOCH'];
  if (given !== undefined) return Number(given);
  try {
    return Number(execFileSync('git', ['-C', project, 'log', '-1', '--format=%ct'], { encoding: 'utf8' }));
  } catch {
    return Math.floor(Date.now() / 1000); // these sources have no history
  }
}

function changelog(version: string, maintainer: string, seconds: number): string {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return `ovadex (${version}) stable; urgency=medium\n\n  * Version ${version}.\n\n -- ${maintainer}  ${date}\n`;
}
