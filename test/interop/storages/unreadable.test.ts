import { chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { FAILED, INCOMPLETE, inOrder, type Scene, startScene, WHOLE } from '../scene/scene.js';
import { SUBJECTS, type Subject } from '../scene/subjects.js';

/** The rights that three collections lose: to everything, to their list of names, to what the names stand for. */
const MODES = { locked: 0o000, unlisted: 0o711, unentered: 0o444 } as const;
type Mode = keyof typeof MODES;
const EACH_MODE = Object.keys(MODES) as Mode[];

/** What becomes of a collection with images of its own and one collection below. */
interface Fate {
  readonly firstWarning: RegExp;
  /** From the second sync on; null: none. */
  readonly laterWarning: RegExp | null;
  readonly keeps: 'all' | 'nothing';
}

/** The server says that something is wrong, so all stays, however often it is asked. */
const saysSo = (warning: RegExp): Fate => ({ firstWarning: warning, laterWarning: warning, keeps: 'all' });
/** An empty collection looks the same: that is believed once a second sync agrees, or no deletion would ever show. */
const LOOKS_EMPTY: Fate = { firstWarning: /nothing is left of what it held/, laterWarning: null, keeps: 'nothing' };

const failsBy = (reason: RegExp): readonly [Ending, Ending] => [
  [FAILED, reason],
  [FAILED, reason],
];

interface Manners {
  readonly modes: Readonly<Record<Mode, Fate>>;
  /** Of a collection that holds a link to nowhere; null: it is listed as ever. */
  readonly brokenLink: RegExp | null;
  /** Links to nowhere and to themselves are listed as files are. */
  readonly listsBrokenLinks: boolean;
  readonly listsLinksToFiles: boolean;
  /** Links to collections are listed as what they lead to. */
  readonly followsLinks: boolean;
  /** How two syncs in a row end where the root is without any rights. */
  readonly lockedRoot: readonly [Ending, Ending];
}

type Ending = readonly [code: number, reason: RegExp];

const MANNERS: Readonly<Record<Subject['name'], Manners>> = {
  Apache: {
    modes: {
      locked: saysSo(/answered 403 Forbidden/),
      unlisted: saysSo(/other side closed/),
      unentered: saysSo(/answered 403 Forbidden/),
    },
    brokenLink: null,
    listsBrokenLinks: false,
    listsLinksToFiles: false,
    followsLinks: false,
    lockedRoot: failsBy(/answered 403 Forbidden/),
  },
  nginx: {
    modes: {
      locked: saysSo(/answered 500 Internal Server Error/),
      unlisted: saysSo(/answered 500 Internal Server Error/),
      unentered: saysSo(/answered 500 Internal Server Error/),
    },
    brokenLink: /answered 500 Internal Server Error/,
    listsBrokenLinks: false,
    listsLinksToFiles: true,
    followsLinks: true,
    lockedRoot: failsBy(/answered 500 Internal Server Error/),
  },
  lighttpd: {
    modes: {
      locked: saysSo(/the collection's own entry has status 403/),
      unlisted: saysSo(/the collection's own entry has status 403/),
      // It lists none of the members and answers 403, not 404, to whoever asks for one of them: two full syncs prove it.
      unentered: LOOKS_EMPTY,
    },
    brokenLink: null,
    listsBrokenLinks: true,
    listsLinksToFiles: true,
    followsLinks: false,
    lockedRoot: failsBy(/the collection's own entry has status 403/),
  },
  rclone: {
    modes: {
      locked: LOOKS_EMPTY,
      unlisted: LOOKS_EMPTY,
      // The multistatus ends well, and then Go writes its error behind it.
      unentered: saysSo(/something follows the end of the document/),
    },
    brokenLink: null,
    listsBrokenLinks: false,
    listsLinksToFiles: false,
    followsLinks: false,
    lockedRoot: [
      [INCOMPLETE, /^held: .*the root is suddenly empty/],
      [INCOMPLETE, /^held: .*the root is suddenly empty/],
    ],
  },
  nephele: {
    modes: {
      locked: saysSo(/answered 500 Internal Server Error/),
      unlisted: saysSo(/answered 500 Internal Server Error/),
      unentered: LOOKS_EMPTY,
    },
    brokenLink: null,
    listsBrokenLinks: false,
    listsLinksToFiles: true,
    followsLinks: true,
    lockedRoot: failsBy(/answered 500 Internal Server Error/),
  },
};

/** Deep enough for every genuine path here. */
const MAX_DEPTH = 8;
const ORDINARY_FILES = ['top.ova', 'a/1.ova', 'a/sub/2.ova', 'doomed/3.ova', 'doomed/sub/4.ova'];
const LINK_FILES = ['broken', 'itself', 'to file', 'around', 'outside'].map((name) => `links/${name}/own.ova`);
const filesOf = (mode: Mode) => [`${mode}/5.ova`, `${mode}/6.OVF`, `${mode}/below/7.ova`];

for (const subject of SUBJECTS) {
  const manners = MANNERS[subject.name];

  describeInstalled(`collections that ${subject.name} may not read`, [subject.missing], () => {
    const cleanup = createCleanup();
    let scene: Scene;
    let ids: ReadonlyMap<string, number>;

    beforeAll(async () => {
      const files = [...ORDINARY_FILES, ...LINK_FILES, ...EACH_MODE.flatMap(filesOf)];
      const fill = (directory: string) => {
        for (const file of files) put(directory, file);
      };
      scene = await startScene(subject, { fill, crawl: { maxDepth: MAX_DEPTH } });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
      ids = await scene.ids();
    });

    afterAll(() => cleanup.run());

    const at = (path: string) => join(scene.directory, path);
    const setModes = (modeOf: (mode: Mode) => number) => {
      for (const mode of EACH_MODE) chmodSync(at(mode), modeOf(mode));
    };
    const isKept = (mode: Mode) => manners.modes[mode].keeps === 'all';

    it('keeps what they held, says so, and goes on with all others', async () => {
      const expected = [...(await scene.images()), 'a/new.ova'].filter((path) => !path.startsWith('doomed/'));
      await scene.change(() => {
        setModes((mode) => MODES[mode]);
        rmSync(at('doomed'), { recursive: true });
        put(scene.directory, 'a/new.ova');
      });
      const run = await scene.sync('--full');
      expect(run).toMatchObject({ code: INCOMPLETE, counts: { failures: EACH_MODE.length, added: 1, removed: 2 } });
      expectWarnings(
        run.warnings,
        EACH_MODE.map((mode) => [mode, manners.modes[mode].firstWarning]),
      );
      expect(await scene.images()).toEqual(inOrder(expected));
    });

    it('keeps it at every later sync, except where the server shows nothing but an empty collection', async () => {
      const before = await scene.images();
      const expected = before.filter((path) => EACH_MODE.every((mode) => !path.startsWith(`${mode}/`) || isKept(mode)));
      // What is gone from the disk below an unreadable collection is not known to be gone.
      await scene.change(() => {
        chmodSync(at('locked'), 0o755);
        rmSync(at('locked/below'), { recursive: true });
        chmodSync(at('locked'), MODES.locked);
      });
      const warned = EACH_MODE.flatMap((mode): [string, RegExp][] => {
        const { laterWarning } = manners.modes[mode];
        return laterWarning === null ? [] : [[mode, laterWarning]];
      });
      for (const flags of [['--full'], []]) {
        const run = await scene.sync(...flags);
        expect(run.code).toBe(warned.length === 0 ? 0 : INCOMPLETE);
        expectWarnings(run.warnings, warned);
        expect(await scene.images()).toEqual(expected);
      }
    });

    it('shows all of it again, under the ids it had, once the server may read them', async () => {
      await scene.change(() => setModes(() => 0o755));
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
      const now = await scene.ids();
      const returned = EACH_MODE.flatMap(filesOf).filter((path) => path !== 'locked/below/7.ova');
      expect(returned.map((path) => now.get(path))).toEqual(returned.map((path) => ids.get(path)));
    });

    it('takes links as the server shows them, and ends loudly where they go round', async () => {
      const outside = makeSharedDirectory();
      cleanup.add(() => rmSync(outside, { recursive: true }));
      put(outside, 'foreign.ova');
      const own = await scene.images();
      const links = [
        ['links/broken/link.ova', 'nowhere'],
        ['links/itself/link.ova', 'link.ova'],
        ['links/to file/link.ova', '../../top.ova'],
        ['links/around/link', '.'],
        ['links/outside/link', outside],
      ] as const;
      await scene.change(() => {
        for (const [path, target] of links) symlinkSync(target, at(path));
        for (const name of ['broken', 'itself']) put(scene.directory, `links/${name}/new.ova`);
      });

      const shown = [...own];
      const warned: [string, RegExp][] = [];
      if (manners.brokenLink === null) shown.push('links/broken/new.ova', 'links/itself/new.ova');
      else warned.push(['links/broken', manners.brokenLink], ['links/itself', manners.brokenLink]);
      if (manners.listsBrokenLinks) shown.push('links/broken/link.ova', 'links/itself/link.ova');
      if (manners.listsLinksToFiles) shown.push('links/to file/link.ova');
      const isRound = (path: string) => path.startsWith('links/around/link/');
      if (manners.followsLinks) shown.push('links/outside/link/foreign.ova');

      const run = await scene.sync('--full');
      const images = await scene.images();
      expect(images.filter((path) => !isRound(path))).toEqual(inOrder(shown));
      const tooDeep = run.warnings.filter((warning) => /deeper than 8 collections \(crawl\.maxDepth\)/.test(warning));
      expectWarnings(
        run.warnings.filter((warning) => !tooDeep.includes(warning)),
        warned,
      );
      expect(tooDeep.length > 0).toBe(manners.followsLinks);
      expect(images.some(isRound)).toBe(manners.followsLinks);
      expect(run.code).toBe(run.warnings.length > 0 ? INCOMPLETE : 0);

      await scene.change(() => {
        for (const [path] of links) unlinkSync(at(path));
      });
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
    });

    it('goes on beside so many of them that it looks like an outage', async () => {
      const unlisted = Array.from({ length: 8 }, (_, n) => `unlisted ${n}`);
      await scene.change(() => {
        for (const name of unlisted) put(scene.directory, `${name}/x.ova`);
      });
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.change(() => {
        for (const name of unlisted) chmodSync(join(scene.directory, name), MODES.unlisted);
        put(scene.directory, 'beside/new.ova');
      });
      expect((await scene.sync('--full')).code).not.toBe(FAILED);
      const images = await scene.images();
      expect(images).toContain('beside/new.ova');
      expect(images).toEqual(expect.arrayContaining(unlisted.map((name) => `${name}/x.ova`)));

      await scene.change(() => {
        for (const name of unlisted) chmodSync(join(scene.directory, name), 0o755);
      });
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
    });

    it('leaves the whole list as it was where the root itself is the one', async () => {
      const before = await scene.images();
      await scene.change(() => chmodSync(scene.directory, 0o000));
      for (const [code, reason] of manners.lockedRoot) {
        const run = await scene.sync('--full');
        expect(run).toMatchObject({ code, [code === FAILED ? 'errors' : 'warnings']: [expect.stringMatching(reason)] });
        expect(await scene.images()).toEqual(before);
      }
      await scene.change(() => chmodSync(scene.directory, 0o755));
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
    });
  });
}

function put(directory: string, path: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), `of ${path}`);
}

/** Expects one warning for each collection, whichever comes first, and no other. */
function expectWarnings(warnings: readonly string[], expected: readonly (readonly [string, RegExp])[]): void {
  expect(warnings).toHaveLength(expected.length);
  for (const [collection, reason] of expected) {
    const about = warnings.filter((warning) => warning.replace(/^held: /, '').startsWith(`/${collection}`));
    expect(about, `warnings about ${collection}`).toEqual([expect.stringMatching(reason)]);
  }
}
