import { blocksOf } from '../../docs/documents.js';
import { noteSecret } from '../secrets.js';
import { freePort } from '../servers/server-process.js';
import { type TypedLine, typeScript } from './documented-shell.js';

export interface WalkOptions {
  /** A copy of the project, in which the lines are typed. */
  readonly folder: string;
  /** The address of the storage, above the users' spaces. */
  readonly storage: string;
  readonly password: string;
  /** false: dependencies and build are there, and the line that makes them is left out. */
  readonly isFresh: boolean;
  readonly withinMs: number;
}

/**
 * Types what the README says under "Your first list in five minutes", in order and with nothing else: only the address and the
 * password of the storage are another's, and the port is one that is free.
 */
export async function walkDocumented(options: WalkOptions): Promise<readonly TypedLine[]> {
  const { folder, storage, password, isFresh, withinMs } = options;
  noteSecret(password);
  const blocks = [...blocksOf('README.md', 'sh', 'walk'), ...blocksOf('README.md', 'yaml', 'walk')];
  const script = blocks
    .sort((a, b) => a.line - b.line)
    .map(({ language, text }) => (language === 'sh' ? text : `cat >ovadex.yaml <<'END'\n${text}END`))
    .join('\n')
    .replace('https://dav.example.org/', storage)
    .replace('the password', password)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${await freePort()}`);
  return typeScript({
    script: isFresh ? script : script.replace(/^npm ci && npm run build$/m, ''),
    folder,
    // As for somebody who has no configuration yet.
    env: { OVADEX_CONFIG: '' },
    withinMs,
    // The log says that it serves; whoever reads that types the next line then.
    waitAfter: (line) => (line.endsWith('&') ? 'until ovadex healthcheck >/dev/null 2>&1; do sleep 0.1; done' : null),
  });
}
