import type { SpaceSettings, UserFolder } from '../../domain/model/space.js';
import { type UserFileFlaw, WORDS_OF_FLAWS } from '../../domain/policy/user-file.js';
import { counted } from '../../domain/text/counted.js';
import { quote } from '../../domain/text/quote.js';
import { readSecretFile } from '../source/secret-file.js';
import { NO_USER_FILES, readUserFolder, type UserFiles } from './read-user-folder.js';

/** The folders of credentials of a configuration, and the users who have a file in them. */
export interface UserFolders {
  /** Returns the spaces as of the last look; the same array until they change. */
  spaces(): readonly SpaceSettings[];
  /** Looks again; returns whether the spaces have changed. Whatever needs attention is told once. */
  read(): Promise<boolean>;
  /** Whether a file is empty that may be about to be written. */
  isWaiting(): boolean;
  /** Returns what was found in each folder, for those who look after it next. */
  found(): FoundUsers;
}

export type FoundUsers = ReadonlyMap<UserFolder, UserFiles>;

export interface UserFoldersOptions {
  readonly folders: readonly UserFolder[];
  /** Users whom the configuration names, which goes before any file. */
  readonly named: ReadonlySet<string>;
  /** Called with each line about what needs attention. */
  readonly tell: (line: string) => void;
  /** How long a file may be empty before that is told, in ms: a shell creates it before a program fills it. */
  readonly patienceMs?: number;
  /** What others found before, which stays for folders that can't be read or are empty all of a sudden. */
  readonly before?: FoundUsers;
  /** A clock that is never set forward or back, in ms. */
  readonly steadyClock?: () => number;
}

/** Number of names that show what kind of files they are. */
const NAMED = 5;

export function createUserFolders(options: UserFoldersOptions): UserFolders {
  const { folders, named, tell, patienceMs = 0, steadyClock = () => performance.now() } = options;
  const former = new Map([...(options.before ?? [])].map(([folder, files]) => [JSON.stringify(folder), files]));
  const seen = new Map(folders.map((folder) => [folder, former.get(JSON.stringify(folder)) ?? NO_USER_FILES]));
  const told = new Set<string>();
  /** Since when files are empty, by their paths. */
  let emptySince: ReadonlyMap<string, number> = new Map();
  let isWaiting = false;
  let current: readonly SpaceSettings[] = [];

  /** Tells what is new of a kind in one line; what is over may be told again if it returns. */
  const tellOf = (folder: string, flaw: UserFileFlaw, names: readonly string[]) => {
    const words = WORDS_OF_FLAWS[flaw];
    const keyOf = (name: string) => `${folder}\n${flaw}\n${name}`;
    const now = new Set(names.map(keyOf));
    for (const key of told) if (key.startsWith(keyOf('')) && !now.has(key)) told.delete(key);
    const fresh = names.filter((name) => !told.has(keyOf(name)));
    if (words === null || fresh.length === 0) return;
    for (const name of fresh) told.add(keyOf(name));
    const more = fresh.length > NAMED ? ` and ${fresh.length - NAMED} more` : '';
    tell(
      `${folder}: ${counted(fresh.length, 'entry', 'entries')} ${words}: ${fresh.slice(0, NAMED).map(quote).join(', ')}${more}`,
    );
  };

  const tellOnce = (key: string, isSo: boolean, line: () => string) => {
    if (isSo && !told.has(key)) tell(line());
    if (isSo) told.add(key);
    else told.delete(key);
  };

  /** Looks at one folder. If it can't be read, or is empty all of a sudden, what was found before stays. */
  const look = async (folder: UserFolder): Promise<UserFiles> => {
    const before = seen.get(folder) ?? NO_USER_FILES;
    const found = await readUserFolder(folder, before, readSecretFile);
    const users = [...before.files.values()].filter(({ space }) => space !== null).length;
    const problem = 'problem' in found ? found.problem : null;
    const isEmptied = !('problem' in found) && found.files.size === 0 && users > 1;
    const stay = `its ${counted(users, 'user stays', 'users stay')} as before`;
    tellOnce(`${folder.folder}\nproblem`, problem !== null, () => `${folder.folder}: ${problem}; ${stay}`);
    tellOnce(
      `${folder.folder}\nemptied`,
      isEmptied,
      () =>
        `${folder.folder}: all files are gone at once, as if a disk were not mounted; ${stay} until there is a file again, or a restart`,
    );
    if ('problem' in found || isEmptied) return before;
    seen.set(folder, found);
    return found;
  };

  const isLongEmpty = (file: string, emptyNow: Map<string, number>, now: number): boolean => {
    const since = emptySince.get(file) ?? now;
    emptyNow.set(file, since);
    const isLong = now - since >= patienceMs;
    if (!isLong) isWaiting = true;
    return isLong;
  };

  return {
    spaces: () => current,
    isWaiting: () => isWaiting,
    found: () => seen,
    async read() {
      const spaces: SpaceSettings[] = [];
      const users = new Set(named);
      const now = steadyClock();
      const emptyNow = new Map<string, number>();
      isWaiting = false;
      for (const folder of folders) {
        const { files, flaws } = await look(folder);
        const { folder: path } = folder;
        // Others may be about to be written anew.
        const empty = (flaws.get('empty') ?? []).filter((name) => isLongEmpty(`${path}/${name}`, emptyNow, now));
        const isKept = (name: string) => files.get(name)?.space !== null;
        const taken: string[] = [];
        for (const [user, { space }] of files) {
          if (space === null) continue;
          if (users.has(user)) taken.push(user);
          else spaces.push(space);
          users.add(user);
        }
        const kept = [...(flaws.get('kept') ?? []), ...empty.filter(isKept)];
        const vacant = empty.filter((name) => !isKept(name));
        const known = new Map([...flaws, ['taken', taken], ['empty', vacant], ['kept', kept]] as const);
        for (const flaw of Object.keys(WORDS_OF_FLAWS) as UserFileFlaw[]) tellOf(path, flaw, known.get(flaw) ?? []);
      }
      emptySince = emptyNow;
      const isSame = spaces.length === current.length && spaces.every((space, at) => space === current[at]);
      if (!isSame) current = spaces;
      return !isSame;
    },
  };
}
