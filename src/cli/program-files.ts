import { type Command, InvalidArgumentError } from 'commander';
import { OvadexError } from '../domain/model/errors.js';
import type { Declaring } from './program-watching.js';

interface FileWords {
  readonly config: string;
  readonly user?: string;
  readonly json?: boolean;
}

const MIB = 1_048_576;
/** MiB a second: a sixth of a fast line, so that whoever else uses the storage hardly notices. */
const USUAL_RATE = 16;
const MOST_RATE = 10_000;

/** Declares the commands that read files, of this machine without any configuration or of a space. */
export function addFiles(program: Command, { io, exit, config, json }: Declaring): void {
  program
    .command('inspect')
    .description("tell what image files of this machine or of a user's space are, and whether they deploy")
    .argument('<file...>', '.ova and .ovf files; others are judged by their content. With --user, paths in the space')
    .option('--user <user>', 'user in whose space the files are, which takes the configuration')
    .option(...config)
    .option(json[0], 'print JSON, one line for each file')
    .action(async (files: readonly string[], options: FileWords) => {
      const [{ inspect }, { placeFor }] = await Promise.all([
        import('./commands/inspect.js'),
        import('./files/place-for.js'),
      ]);
      exit(await inspect(files, options, io, placeFor(files, options, io)));
    });

  program
    .command('verify')
    .description(
      "compare images of this machine or of a user's space with the sums in their manifests; reads all of their disks",
    )
    .argument(
      '<file...>',
      '.ova files with a manifest, or .ovf files with one beside them. With --user, paths in the space',
    )
    .option('--user <user>', 'user in whose space the files are, which takes the configuration')
    .option(
      '--rate <mib>',
      `with --user, MiB a second to read of the storage at most, 1 to ${MOST_RATE} (default ${USUAL_RATE})`,
      parseRate,
    )
    .option(...config)
    .option(json[0], 'print JSON, one line for each file that is compared')
    .action(async (files: readonly string[], options: FileWords & { readonly rate?: number }) => {
      if (options.rate !== undefined && options.user === undefined) {
        throw new OvadexError('usage', 'verify: --rate is for the storage of a space, so it needs --user U');
      }
      const [{ verify }, { placeFor }, { createPace, UNPACED }] = await Promise.all([
        import('./commands/verify.js'),
        import('./files/place-for.js'),
        import('./files/pace.js'),
      ]);
      const pace = options.user === undefined ? UNPACED : createPace((options.rate ?? USUAL_RATE) * MIB);
      exit(await verify(files, options, io, { open: placeFor(files, options, io), pace }));
    });
}

function parseRate(value: string): number {
  if (/^[1-9]\d{0,4}$/.test(value) && Number(value) <= MOST_RATE) return Number(value);
  throw new InvalidArgumentError(`must be a whole number from 1 to ${MOST_RATE}.`);
}
