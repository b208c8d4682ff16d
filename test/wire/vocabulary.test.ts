import { beforeAll, describe, expect, it } from 'vitest';
import { SPACE_STATES } from '../../src/domain/lists/space-states.js';
import { SYNC_MODES } from '../../src/domain/lists/sync-list.js';
import { departedToJson, forgottenToJson } from '../../src/wire/departed.js';
import { foundImageToJson, heldImageToJson, imageToJson } from '../../src/wire/image.js';
import { oldSyncKeys, oldTokenKeys } from '../../src/wire/old-keys.js';
import { heldRemovalToJson, spaceToJson } from '../../src/wire/space.js';
import { adminSyncToJson, clientSyncToJson, syncTicketToJson, syncToJson } from '../../src/wire/sync.js';
import { adminTokenToJson, clientTokenToJson, sessionTokenToJson, tokenToJson } from '../../src/wire/token.js';
import { createApiScene } from '../http/api-scene.js';
import { commandsWithJson, type Json, jsonOfCommands } from './json-of-commands.js';
import { A_HELD_IMAGE, A_SPACE, A_SYNC, A_TOKEN, AN_IMAGE, NOW } from './samples.js';
import { OLD_KEYS, WORDS_OF_COMMANDS } from './vocabulary.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
}

const document = (await (await createApiScene({ publicUsers: () => ['lab'] }).app.request('/openapi.json')).json()) as {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
const schemas = new Map(Object.entries(document.components.schemas));
const propertiesOf = (schema: string) => new Map(Object.entries(schemas.get(schema)?.properties ?? {}));
const keysOf = (json: object) => Object.keys(json);

const SPACE_JSON = spaceToJson(A_SPACE, 'held');
const SYNC_JSON = syncToJson(A_SYNC, NOW);
const TOKEN_JSON = tokenToJson(A_TOKEN, NOW);

describe('the API', () => {
  it.each<[schema: string, json: object]>([
    ['Image', imageToJson(AN_IMAGE)],
    ['FoundImage', foundImageToJson(AN_IMAGE)],
    ['HeldImage', heldImageToJson(A_HELD_IMAGE)],
    ['HeldRemoval', heldRemovalToJson(A_SPACE)],
    ['Space', SPACE_JSON],
    ['Sync', clientSyncToJson(A_SYNC, NOW)],
    ['SyncTicket', syncTicketToJson(A_SYNC, 'https://api.example/68')],
    ['Token', clientTokenToJson(A_TOKEN, { now: NOW, url: 'https://api.example/5', currentId: 5 })],
    ['SessionToken', sessionTokenToJson('jm', { token: 'a', expiresAt: NOW, lifetimeMs: 1_000 })],
    ['Forgotten', forgottenToJson({ user: 'jm', images: 1, collections: 1, syncs: 1, tokens: 1 })],
  ])('documents of %s what is answered, and no more', (schema, json) => {
    expect([...propertiesOf(schema).keys()]).toEqual(keysOf(json));
  });

  it('documents the states and modes that there are', () => {
    expect(new Set(propertiesOf('Space').get('state')?.enum)).toEqual(new Set(SPACE_STATES));
    expect(new Set(propertiesOf('Sync').get('mode')?.enum)).toEqual(new Set(SYNC_MODES));
  });
});

describe('the commands', () => {
  let answers: ReadonlyMap<string, readonly Json[]>;
  beforeAll(async () => {
    answers = await jsonOfCommands();
  });

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

/** Every property that the document of the API has anywhere. */
function wordsOfApi(): ReadonlySet<string> {
  const words = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === 'properties') for (const word of keysOf(each as object)) words.add(word);
      if (key !== 'example' && key !== 'examples') collect(each);
    }
  };
  collect(document);
  return words;
}

function allKeysOf(json: unknown, keys = new Set<string>()): ReadonlySet<string> {
  if (typeof json !== 'object' || json === null) return keys;
  if (!Array.isArray(json)) for (const key of keysOf(json)) keys.add(key);
  for (const each of Object.values(json)) allKeysOf(each, keys);
  return keys;
}
