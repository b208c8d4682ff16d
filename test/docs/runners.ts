/** Which test runs or validates the blocks of each kind, by their language and scene. */
export const RUNNERS: Readonly<Record<string, string>> = {
  'sh walk': 'test/support/process/documented-walk.ts',
  'yaml walk': 'test/support/process/documented-walk.ts',
  'sh operator': 'test/e2e/docs/operator.e2e.test.ts',
  'sh client': 'test/e2e/docs/client.e2e.test.ts',
  'sh hints': 'test/e2e/docs/hints.e2e.test.ts',
  'sh occ': 'test/e2e/docs/app-passwords.e2e.test.ts',
  'sh nextcloud': 'test/e2e/docs/hints.e2e.test.ts',
  'ini nextcloud': 'test/e2e/docs/hints.e2e.test.ts',
  'py webhook': 'test/e2e/docs/webhooks.e2e.test.ts',
  'ts webhook': 'test/e2e/docs/webhooks.e2e.test.ts',
  'json webhook': 'test/e2e/docs/webhooks.e2e.test.ts',
  'py client': 'test/e2e/docs/client.e2e.test.ts',
  'sh copy': 'test/support/process/copy-clients.ts',
  'py copy': 'test/support/process/copy-clients.ts',
  'ts copy': 'test/support/process/copy-clients.ts',
  'ts client': 'test/e2e/docs/client.e2e.test.ts',
  'json list': 'test/e2e/docs/client.e2e.test.ts',
  'json problem': 'test/e2e/docs/client.e2e.test.ts',
  'yaml ': 'test/docs/yaml-blocks.test.ts',
  'yaml litestream': 'test/docs/yaml-blocks.test.ts',
  'apache storage': 'test/interop/storages/recipes.test.ts',
  'nginx storage': 'test/interop/storages/recipes.test.ts',
  'text commands': 'test/docs/documents.test.ts',
};

/** A block that only a test of something larger runs: its installation, its service, its package. */
export interface RunElsewhere {
  readonly document: string;
  /** How its first line begins. */
  readonly begins: string;
  readonly by: string;
  /** What in that test does the same. */
  readonly evidence: string;
}

export const ELSEWHERE: readonly RunElsewhere[] = [
  // That test starts what `npm run demo` does, and this block is also how every test of the project is run.
  { document: 'README.md', begins: 'npm ci && npm run demo', by: 'test/e2e/demo.e2e.test.ts', evidence: 'startDemo()' },
  ...['README.md', 'config/README.md'].map((document) => ({
    document,
    begins: 'npm ci && npm run package:deb',
    by: 'test/interop/host/debian-package.test.ts',
    evidence: 'package:deb',
  })),
  {
    document: 'config/README.md',
    begins: 'npm ci && npm pack',
    by: 'test/interop/host/tarball.test.ts',
    evidence: "'pack'",
  },
  {
    document: 'config/README.md',
    begins: 'npm ci && npm install --no-save better-sqlite3@',
    by: 'test/platform/sqlite-binding.test.ts',
    evidence: 'npm ci && npm install --no-save better-sqlite3@',
  },
  {
    document: 'config/README.md',
    begins: `echo '{ "overrides"`,
    by: 'test/platform/sqlite-binding.test.ts',
    evidence: 'config/README.md',
  },
  {
    document: 'config/README.md',
    begins: 'sudoedit /etc/ovadex/ovadex.yaml',
    by: 'test/interop/host/systemd.test.ts',
    evidence: "'reload'",
  },
  {
    document: 'config/README.md',
    begins: '[Service]\nLoadCredential=',
    by: 'test/interop/host/systemd.test.ts',
    evidence: 'LoadCredential=',
  },
  {
    document: 'config/README.md',
    begins: '[Service]\nStateDirectory=',
    by: 'test/interop/host/debian-package.test.ts',
    evidence: 'LINKED_DATA',
  },
  // A list of names, which that test compares with the program's own.
  {
    document: 'config/README.md',
    begins: '#recycle #snapshot',
    by: 'test/domain/model/exclusions.test.ts',
    evidence: 'USUAL_EXCLUSIONS',
  },
];
