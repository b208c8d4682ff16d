import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { DavMarker } from './markers.js';

/** A file or collection of the fake server. Times are ms since the epoch. */
export interface DavNode {
  /** Stays the same when it is moved; what oc:fileid tells. */
  readonly id: number;
  /** As the index writes it. */
  name: string;
  /** The name's bytes, one character each: names need not be UTF-8. */
  key: string;
  /** null for a file; by key for a collection. */
  readonly children: Map<string, DavNode> | null;
  /** A link shows the children and the marker of the collection that it leads to. */
  readonly isLink: boolean;
  /** Another storage begins here: a change inside moves no marker outside. */
  isMount: boolean;
  content: Buffer | null;
  sizeBytes: number;
  modifiedAt: number;
  /** Moves with every change that a real server's inode would show. */
  version: number;
}

export interface FileOptions {
  /** Bytes that the listing tells; the content then is that many zeros. */
  readonly size?: number;
  readonly content?: string | Buffer;
  readonly modifiedAt?: number;
}

/** A file that lies in a mount point below its disk. */
export interface Stray extends FileOptions {
  readonly name: string;
}

/** The files of the fake server; it may be changed while requests are running. */
export interface DavTree {
  readonly root: DavNode;
  /** Writes a file and the collections it needs. Over an existing file it writes in place: the collection stays as it is. */
  put(path: string, options?: FileOptions): void;
  /** Writes a new file over the one that is there, as an upload to a temporary name and a rename do. */
  replace(path: string, options?: FileOptions): void;
  /** Makes a collection and those it needs; one that exists stays. */
  mkdir(path: string): void;
  /** Takes away a file or a whole collection. */
  remove(path: string): void;
  /** What stands in the new place is lost. */
  move(from: string, to: string): void;
  /** Makes a collection that shows what the target shows, as a symbolic link to it does; above itself it is a loop. */
  link(path: string, target: string): void;
  /** Makes a collection the root of another storage, or no more so. */
  setMount(path: string, isMount: boolean): void;
  /** The disk below a collection goes away: its bare mount point has this date, and these files in it. */
  detach(path: string, bare: { readonly modifiedAt: number; readonly strays: readonly Stray[] }): void;
  /** It comes back as it was. */
  attach(path: string): void;
  /** What lies on the disk of a collection that is away; undefined where none is. */
  away(node: DavNode): ReadonlyMap<string, DavNode> | undefined;
  /** undefined where there is nothing. */
  find(path: string): DavNode | undefined;
  /** From the root to the node, by the bytes of its path, one character each; undefined where there is nothing. */
  trail(bytes: string): readonly DavNode[] | undefined;
  /** Every file, sorted; links are not followed. */
  files(): ResourcePath[];
  /** Every collection but the root, each behind its parent; links are not followed. */
  collections(): ResourcePath[];
  /** What a `stat` shows, for `setMarker`. */
  marker(path: string): DavMarker;
  /** Sets it back, as `touch -d` and `rsync -t` do. */
  setMarker(path: string, marker: DavMarker): void;
  /** Changes something behind the server's back: no marker of what is there moves. */
  quietly(change: () => void): void;
}
