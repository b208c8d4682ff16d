import type { LinkOrigin } from '../../domain/model/link.js';
import { baseOf } from '../../domain/policy/linking.js';
import { isSafeUrl } from '../../domain/text/safe-url.js';
import { collectionUrl, list, mapping, section, text } from '../fields/fields.js';
import { type ConnectionEntry, type connectionKeys, connectionOf } from './connection.js';

/** Which storages users may connect by themselves. */
export interface LinkSettings {
  /** None: nobody can. */
  readonly origins: readonly LinkOrigin[];
  /** The file with the keys of the app passwords; null for the one in the data directory. */
  readonly keyFile: string | null;
}

const EXAMPLE = '"https://cloud.example.org/remote.php/dav/files/{user}/"';

/** Creates the schema of the section; nobody can connect a storage unless it names one. */
export function linkSection(connection: ReturnType<typeof connectionKeys>, resolvePath: (path: string) => string) {
  return section({
    origins: list(origin(connection), 'storages').superRefine((given, context) => {
      const bases = given.map(({ url }) => baseOf(url));
      for (const [index, base] of bases.entries()) {
        if (bases.indexOf(base) === index) continue;
        context.addIssue({ code: 'custom', path: [index, 'url'], message: `must be named once; ${base} is above` });
      }
    }),
    keyFile: text('the path of a file').transform(resolvePath).optional(),
  }).transform(({ keyFile = null, ...rest }): LinkSettings => ({ ...rest, keyFile }));
}

function origin(connection: ReturnType<typeof connectionKeys>) {
  return mapping({
    url: collectionUrl('with {user}').superRefine((url, context) => {
      const complain = (message: string) => context.addIssue({ code: 'custom', message });
      if (!url.includes('{user}') || baseOf(url) === null) {
        complain(`must be where a Nextcloud has a user's files, with {user}, such as ${EXAMPLE}`);
      } else if (!isSafeUrl(url.replaceAll('{user}', 'user'))) {
        complain('must begin with https://, since users send passwords there; http only on this machine');
      }
    }),
    // Nobody may take over another's files: whoever logs in there has to be the user who asked.
    loginName: text('a name with {user}')
      .refine((name) => name.includes('{user}') && !/[{}]/.test(name.replaceAll('{user}', '')), {
        error: 'must contain {user}, and no other placeholder',
      })
      .default('{user}'),
    ...connection,
  }).transform(({ url, loginName, ...entry }): LinkOrigin => {
    // Not inherited from storage: that may be another server, which has headers of its own.
    const reached = connectionOf(entry as ConnectionEntry, {});
    return reached === undefined ? { url, loginName } : { url, loginName, connection: reached };
  });
}
