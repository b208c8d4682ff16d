import { describe, expect, it } from 'vitest';
import { type HintJson, hintsFromJson, hintTicketToJson } from '../../src/wire/hint.js';

const NODE = 'OCP\\Files\\Events\\Node\\';
const one = (name: string, path: string): HintJson => ({ event: { class: name, node: { path } } });
const two = (name: string, source: string, target: string): HintJson => ({
  event: { class: name, source: { path: source }, target: { path: target } },
});

describe('a hint in JSON', () => {
  it.each<[string, HintJson, readonly string[]]>([
    ['created', one(`${NODE}NodeCreatedEvent`, '/jm/files/lab/x.ova'), ['lab/x.ova']],
    ['written', one(`${NODE}NodeWrittenEvent`, '/jm/files/x.OVA'), ['x.OVA']],
    ['deleted', one(`${NODE}NodeDeletedEvent`, '/jm/files/lab'), ['lab']],
    ['renamed', two(`${NODE}NodeRenamedEvent`, '/jm/files/a/x.ova', '/jm/files/b/x.ova'), ['a/x.ova', 'b/x.ova']],
    ['copied', two(`${NODE}NodeCopiedEvent`, '/jm/files/a', '/jm/files/b'), ['a', 'b']],
    [
      'restored, of whose paths one is in the trash',
      two('OCA\\Files_Trashbin\\Events\\NodeRestoredEvent', '/jm/files_trashbin/files/x.ova', '/jm/files/x.ova'),
      ['x.ova'],
    ],
    ['created with a line break in its name', one(`${NODE}NodeCreatedEvent`, '/jm/files/a\nb/x.ova'), ['a\nb/x.ova']],
  ])('%s says where', (_, json, paths) => {
    expect(hintsFromJson(json)).toEqual(paths.map((path) => ({ below: 'home', user: 'jm', path })));
  });

  it.each<[string, HintJson]>([
    ['written to what is no image', one(`${NODE}NodeWrittenEvent`, '/jm/files/thesis.pdf')],
    ['touched', one(`${NODE}NodeTouchedEvent`, '/jm/files/thesis.pdf')],
    ['about to be created', one(`${NODE}BeforeNodeCreatedEvent`, '/jm/files/x.ova')],
    ['read', one(`${NODE}NodeReadEvent`, '/jm/files/x.ova')],
    ['a version', one(`${NODE}NodeCreatedEvent`, '/jm/files_versions/x.ova.v1')],
    ['an upload under way', one(`${NODE}NodeCreatedEvent`, '/jm/uploads/1/2')],
    ['the root itself', one(`${NODE}NodeCreatedEvent`, '/jm/files/')],
    ['no event of files', { event: { class: 'OCP\\Calendar\\Events\\CalendarCreatedEvent' } }],
    ['without a node', { event: { class: `${NODE}NodeCreatedEvent` } }],
  ])('%s says nothing', (_, json) => {
    expect(hintsFromJson(json)).toEqual([]);
  });

  it('in plain words is about a space', () => {
    expect(hintsFromJson({ user: 'jm', path: 'lab/' })).toEqual([{ below: 'space', user: 'jm', path: 'lab/' }]);
  });

  it('is answered without a word on what becomes of it', () => {
    expect(hintTicketToJson(3)).toEqual({
      status: 202,
      message: 'what changed in known spaces will be listed',
      received: 3,
    });
  });
});
