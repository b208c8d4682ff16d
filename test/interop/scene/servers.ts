import type { NameTrait } from '../../support/awkward-names.js';
import { goDavMissing, startGoDav } from '../../support/servers/go-dav.js';
import { sabreMissing, startSabre } from '../../support/servers/sabre.js';
import { commitToSvn, startSvn, svnMissing } from '../../support/servers/svn.js';
import { startTomcat, tomcatMissing } from '../../support/servers/tomcat.js';
import { startYaws, yawsMissing } from '../../support/servers/yaws.js';
import type { Subject } from './subjects.js';

/** A real server that is less usual than those of `SUBJECTS`, and what it does by itself. */
export interface Server extends Omit<Subject, 'name'> {
  readonly name: string;
  /** Names that it lists not at all, or that lead nowhere. */
  readonly hides: {
    readonly images: readonly string[];
    readonly collections: readonly string[];
  };
  /** Names that it lists although no file has them: it decodes or escapes once too often. */
  readonly invents: readonly string[];
  /** Names of images that it lists and doesn't answer with the file when they are asked for. */
  readonly withholds: readonly string[];
  /** An escape of a character that could stand as it is leads nowhere. */
  readonly wantsPlainUrls?: true;
  /** What it shows of a collection that it may not read: an empty one, none at all, or that there is an error. */
  readonly unreadable: 'empty' | 'omitted' | 'error' | null;
  /** What an unchanged marker of a collection proves. */
  readonly markers: 'names' | 'subtree';
}

const NOT_UTF8: readonly NameTrait[] = ['not-utf8', 'never-utf8'];
const NOTHING = { hides: { images: [], collections: [] }, invents: [], withholds: [] } as const;
/** As paths have them: `‛` and two digits stand for a byte that is no UTF-8. */
const NOT_UTF8_NAMES = ['caf‛E9', '‛80lone', 'cesu‛ED‛A0‛80', 'cut‛E4‛BB', 'over‛C0‛AFlong', '‛FF‛FE'];

export const SABRE: Server = {
  name: 'sabre/dav',
  missing: sabreMissing,
  start: startSabre,
  leaveOut: [],
  memoryMs: 0,
  movesMarkers: true,
  hides: {
    images: NOT_UTF8_NAMES,
    // It takes their bytes for Latin-1 where it reads a URL, and cuts an URL at a line break.
    collections: [...NOT_UTF8_NAMES, 'bom\uFEFFinside', 'replacement\uFFFD', 'İstanbul ẞ ﬁ', 'line\nbreak'],
  },
  invents: [],
  withholds: ['bom\uFEFFinside', 'replacement\uFFFD', 'İstanbul ẞ ﬁ'],
  unreadable: 'empty',
  markers: 'names',
};

export const TOMCAT: Server = {
  name: 'Tomcat',
  missing: tomcatMissing,
  start: (options) => startTomcat({ ...options, memoryMs: 0 }),
  leaveOut: [],
  memoryMs: 0,
  movesMarkers: true,
  hides: {
    images: NOT_UTF8_NAMES,
    collections: [...NOT_UTF8_NAMES, 'back\\slash'],
  },
  invents: [],
  // It refuses an escaped backslash in a URL.
  withholds: ['back\\slash'],
  unreadable: 'empty',
  markers: 'names',
};

export const GO: Server = {
  name: 'Go x/net/webdav',
  missing: goDavMissing,
  start: startGoDav,
  leaveOut: [],
  memoryMs: 0,
  movesMarkers: true,
  ...NOTHING,
  unreadable: 'omitted',
  markers: 'names',
};

/** It writes names into hrefs as they are: what looks like an escape or like XML there is taken for it. */
const BREAKS_HREFS = [
  'two%20words',
  'a%2Fb',
  '%25',
  'query?a=b&c=d',
  'amp&amp;amp',
  '&lt;entity&#65;',
  'lt<gt>',
  ']]>',
];

export const YAWS: Server = {
  name: 'Yaws',
  missing: yawsMissing,
  start: startYaws,
  leaveOut: [],
  memoryMs: 0,
  movesMarkers: true,
  hides: {
    images: [...BREAKS_HREFS, 'cr\rlf'],
    // It decodes no escape of these in a URL, in which they can't stand as they are.
    collections: [...BREAKS_HREFS, 'cr\rlf', 'hash#tag', 'what?', 'brackets[1]', 'back\\slash'],
  },
  wantsPlainUrls: true,
  invents: ['two words', '%', 'amp&amp', '<entityA', 'cr\nlf'],
  withholds: ['hash#tag', 'what?', 'brackets[1]', 'back\\slash'],
  unreadable: 'error',
  markers: 'names',
};

export const SVN: Server = {
  name: 'mod_dav_svn',
  missing: svnMissing,
  start: startSvn,
  publish: commitToSvn,
  // None of them can be committed.
  leaveOut: [...NOT_UTF8, 'control'],
  memoryMs: 0,
  movesMarkers: true,
  ...NOTHING,
  unreadable: null,
  markers: 'names',
};
