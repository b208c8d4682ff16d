import { beforeAll, describe, expect, it } from 'vitest';
import { SPACE_STATES } from '../../src/domain/lists/space-states.js';
import { departedToJson } from '../../src/wire/departed.js';
import { heldImageToJson, imageToJson } from '../../src/wire/image.js';
import { oldSyncKeys, oldTokenKeys } from '../../src/wire/old-keys.js';
import { spaceToJson } from '../../src/wire/space.js';
import { adminSyncToJson, syncToJson } from '../../src/wire/sync.js';
import { adminTokenToJson, tokenToJson } from '../../src/wire/token.js';
import { propertiesOf, wordsOfApi } from './api-document.js';
import { commandsWithJson, type Json, jsonOfCommands } from './json-of-commands.js';
import { A_HELD_IMAGE, A_LOOK, A_SPACE, A_SYNC, A_TOKEN, AN_IMAGE, NOW } from './samples.js';
import { OLD_KEYS, WORDS_OF_COMMANDS } from './vocabulary.js';

const keysOf = (json: object) => Object.keys(json);
const SPACE_JSON = spaceToJson(A_SPACE, 'held', A_LOOK, NOW);
const SYNC_JSON = syncToJson(A_SYNC, NOW);
const TOKEN_JSON = tokenToJson(A_TOKEN, NOW);

/** Some twenty commands with an index and a storage, 3 s in all; a busy machine takes longer. */
const COMMANDS_WITHIN_MS = 60_000;

describe('the commands', () => {
  let answers: ReadonlyMap<string, readonly Json[]>;
  beforeAll(async () => {
    answers = await jsonOfCommands();
  }, COMMANDS_WITHIN_MS);

  it('are all heard', () => {
    expect(new Set(answers.keys())).toEqual(new Set(commandsWithJson()));
  });

  it.each<[command: string, list: string | null, keys: readonly string[]]>([
    ['images', 'images', keysOf(imageToJson(AN_IMAGE))],
    ['held', 'images', keysOf(heldImageToJson(A_HELD_IMAGE))],
    ['spaces', 'spaces', keysOf(SPACE_JSON)],
    ['sync', 'syncs', [...keysOf(adminSyncToJson(A_SYNC, NOW)), 'result', ...keysOf(oldSyncKeys(SYNC_JSON))]],
    ['requests list', 'requests', keysOf(adminSyncToJson(A_SYNC, NOW))],
    ['requests show', null, keysOf(adminSyncToJson(A_SYNC, NOW))],
    ['requests cancel', null, keysOf(adminSyncToJson(A_SYNC, NOW))],
    ['token list', 'tokens', [...keysOf(adminTokenToJson(A_TOKEN, NOW)), ...keysOf(oldTokenKeys(TOKEN_JSON))]],
    ['token create', null, ['token', ...keysOf(adminTokenToJson(A_TOKEN, NOW)), ...keysOf(oldTokenKeys(TOKEN_JSON))]],
  ])('%s has the keys of the API for the same facts', (command, list, keys) => {
    const told = (answers.get(command) ?? []) as readonly Readonly<Record<string, Json>>[];
    const items = told.flatMap((answer) => (list === null ? [answer] : (answer[list] as readonly object[])));
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(new Set(keysOf(item))).toEqual(new Set(keys));
  });

  it('forget has those of who has left, and of who is forgotten', () => {
    const [listed, one, several] = answers.get('forget') as readonly { readonly users: readonly object[] }[];
    const left = { user: 'jm', leftAt: 0, images: 1, collections: 1, tokens: 1 };
    for (const user of listed?.users ?? []) expect(keysOf(user)).toEqual(keysOf(departedToJson(left)));
    for (const user of [one ?? {}, ...(several?.users ?? [])]) {
      expect(keysOf(user)).toEqual([...propertiesOf('Forgotten').keys()]);
    }
  });

  it('have no other words than the API and the list of their own', () => {
    const ofApi = wordsOfApi();
    const states = new Set<string>(SPACE_STATES);
    const strange = [...answers]
      // It speaks as the configuration file does.
      .filter(([command]) => command !== 'config show')
      .flatMap(([command, told]) => [...allKeysOf(told)].map((word) => ({ command, word })))
      .filter(({ command, word }) => {
        const isOld = Object.hasOwn(OLD_KEYS.get(command) ?? {}, word);
        return !(isOld || ofApi.has(word) || states.has(word) || Object.hasOwn(WORDS_OF_COMMANDS, word));
      });
    expect(strange).toEqual([]);
  });

  it('say each word of their own somewhere, and none of the API by another meaning', () => {
    const said = allKeysOf([...answers.values()]);
    const words = keysOf(WORDS_OF_COMMANDS);
    expect(words.filter((word) => !said.has(word))).toEqual([]);
    expect(words.filter((word) => wordsOfApi().has(word))).toEqual([]);
  });

  it('keep what they called otherwise, and say the same by the present keys', () => {
    for (const [command, old] of OLD_KEYS) {
      const said = allKeysOf(answers.get(command) ?? []);
      for (const [before, now] of Object.entries(old)) {
        expect([...said]).toEqual(expect.arrayContaining([before, ...now.split('.')]));
      }
    }
    expect(keysOf(OLD_KEYS.get('sync') ?? {})).toEqual(keysOf(oldSyncKeys(SYNC_JSON)));
    expect(keysOf(OLD_KEYS.get('token list') ?? {})).toEqual(keysOf(oldTokenKeys(TOKEN_JSON)));
  });
});

function allKeysOf(json: unknown, keys = new Set<string>()): ReadonlySet<string> {
  if (typeof json !== 'object' || json === null) return keys;
  if (!Array.isArray(json)) for (const key of keysOf(json)) keys.add(key);
  for (const each of Object.values(json)) allKeysOf(each, keys);
  return keys;
}
