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
