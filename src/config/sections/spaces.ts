import * as z from 'zod';
import { USER_PLACEHOLDER } from '../../domain/model/user-auth.js';
import { collectionUrl, isReadable, list, mapping, text, userName } from '../fields/fields.js';
import { readableFolder, type SchemaSurroundings } from '../fields/files.js';
import type { connectionKeys } from './connection.js';
import { authSchema, troubleOfBare } from './credentials.js';
import { discoverSchema } from './discover.js';

/** The entries below `spaces`: a user, a folder of users' credentials, or a place where users are found. */
export function spacesSchema(surroundings: SchemaSurroundings, connection: ReturnType<typeof connectionKeys>) {
  const folder = text('the path of a folder').transform(surroundings.resolvePath);
  const entry = mapping({
    user: userName().optional(),
    url: collectionUrl('with {user}').optional(),
    auth: authSchema(surroundings, { mayBeBare: true }).optional(),
    ...connection,
    watch: folder.optional(),
    describe: z.boolean({ error: 'must be true or false' }).optional(),
    public: z.boolean({ error: 'must be true or false' }).optional(),
    discover: discoverSchema(surroundings).optional(),
    credentials: readableFolder(surroundings).optional(),
  })
    .refine(
      ({ user, discover, credentials }) =>
        [user, discover, credentials].filter((each) => each !== undefined).length === 1,
      { error: 'must have one of user, credentials and discover', when: isReadable },
    )
    .refine(
      ({ user, discover, credentials, url, watch, public: isPublic }) => {
        const mayHaveUrl = discover === undefined || discover.kind === 'ocs';
        const others = (watch ?? isPublic) === undefined || (discover === undefined && credentials === undefined);
        return user !== undefined || ((mayHaveUrl || url === undefined) && others);
      },
      { error: 'url, watch and public belong to a user, not to discover or credentials', when: isReadable },
    )
    .superRefine(({ user, url, auth, credentials }, context) => {
      const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
      const isOfOne = user !== undefined;
      if (!isOfOne && url !== undefined && !url.includes(USER_PLACEHOLDER)) {
        complain('url', 'must have {user} in its path: each of its users has a space');
      }
      const isBare = auth !== undefined && 'bare' in auth;
      if (credentials === undefined && isBare) complain('auth', troubleOfBare(auth));
      if (credentials !== undefined && auth !== undefined && !isBare) {
        complain('auth', 'must be basic, digest or bearer, without a secret: each file in credentials has one');
      }
    });
  return list(entry, 'spaces');
}
