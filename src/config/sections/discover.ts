import * as z from 'zod';
import type { Credentials } from '../../domain/model/space.js';
import { USER_PLACEHOLDER } from '../../domain/model/user-auth.js';
import { collectionUrl, eitherForm, glob, isReadable, list, mapping, text } from '../fields/fields.js';
import type { SchemaSurroundings } from '../fields/files.js';
import { authSchema } from './credentials.js';

/** Where users are found: below a collection, or in the list of a Nextcloud. */
export interface DiscoverEntry {
  readonly kind: 'children' | 'ocs';
  readonly url: string;
  /** The rest of a space's path below a child; empty if the child is the space. */
  readonly below: string;
  readonly exclude: readonly string[];
  /** Groups of a Nextcloud whose members are the users; null for all users. */
  readonly groups: readonly string[] | null;
  /** Credentials for finding users, if others than those of their spaces. */
  readonly auth: Credentials | null;
}

/** A URL, or a mapping with more to say about it. */
export function discoverSchema(surroundings: SchemaSurroundings) {
  const plain = collectionUrl('plain').transform(
    (url): DiscoverEntry => ({ kind: 'children', url, below: '', exclude: [], groups: null, auth: null }),
  );
  const detailed = mapping({
    url: collectionUrl('plain').optional(),
    ocs: collectionUrl('plain').optional(),
    space: spacePath().optional(),
    exclude: list(glob(), 'globs').optional(),
    groups: z
      .array(text('the name of a group'), { error: 'must be a list of groups' })
      .min(1, { error: 'must name at least one group; leave the key out for all users' })
      .optional(),
    auth: authSchema(surroundings).optional(),
  })
    .refine(({ url, ocs }) => (url === undefined) !== (ocs === undefined), {
      error: 'must have either url or ocs',
      when: isReadable,
    })
    .refine(({ ocs, space }) => ocs === undefined || space === undefined, {
      error: 'must have no space with ocs: the url beside discover says where the spaces are',
      path: ['space'],
      when: isReadable,
    })
    .refine(({ ocs, groups }) => ocs !== undefined || groups === undefined, {
      error: 'must stand beside ocs: a folder has no groups',
      path: ['groups'],
      when: isReadable,
    })
    .transform(({ url, ocs, space = '', exclude = [], groups = null, auth = null }, context): DiscoverEntry => {
      if (auth !== null && ('perUser' in auth || 'bare' in auth)) {
        const message = 'must be the same for all: {user} has no meaning where users are still to be found';
        context.addIssue({ code: 'custom', path: ['auth'], message });
        return z.NEVER;
      }
      const kind = ocs === undefined ? 'children' : 'ocs';
      return { kind, url: url ?? ocs ?? '', below: space, exclude, groups, auth };
    });
  return eitherForm<DiscoverEntry>(
    (given) => (typeof given === 'object' && given !== null ? detailed : plain),
    [plain, detailed],
  );
}

const SPACE_FORM = 'must be a path below each folder, such as "{user}/files/"';

/** Where a user's space lies below the collection of a discovery; yields what follows the user's name. */
function spacePath() {
  return text('a path')
    .refine((path) => path.startsWith(`${USER_PLACEHOLDER}/`) && isPlainPath(path.slice(USER_PLACEHOLDER.length + 1)), {
      error: SPACE_FORM,
    })
    .transform((path) => path.slice(USER_PLACEHOLDER.length + 1))
    .transform((rest) => (rest === '' || rest.endsWith('/') ? rest : `${rest}/`));
}

function isPlainPath(path: string): boolean {
  if (/[{}\\\p{Cc}]/u.test(path)) return false;
  const names = path.replace(/\/$/, '').split('/');
  return path === '' || names.every((name) => name !== '' && name !== '.' && name !== '..');
}
