import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { isUnchanged } from '../lists/validators.js';
import { type Coding, chooseCoding } from '../reply/coding.js';
import type { Handle } from '../reply/context.js';
import { refuse } from '../reply/problem.js';
import { answerBytes, answerUnchanged } from '../reply/reply.js';
import { type AssetSource, placeOf } from './source.js';

/** What browsers are given beside answers: scripts and style sheets, under names that change with their content. */
export interface Assets {
  /** Returns the address of an asset, relative to the root of the API. Throws if the table has none of this name. */
  addressOf(name: string): Promise<string>;
  /** Answers GET and HEAD of `/assets/{name}`; needs no token. Only what the table names is ever read. */
  readonly handle: Handle;
}

/** One content of a file; another one has another hash. */
interface Version {
  readonly hash: string;
  /** Compressed when somebody first asks for it, and kept. */
  readonly coded: Map<Coding, Promise<Buffer | null>>;
}

const FOLDER = 'assets';
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** A year, the longest that caches keep anything: what has this address never changes. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';
/** 96 bits of SHA-256: two contents of one file never share an address. */
const HASH_LENGTH = 16;
/** `docs.Xq3…Z0.css`: the name in the table with the hash before its ending. */
const ADDRESSED = new RegExp(`^([\\w-]+)\\.([\\w-]{${HASH_LENGTH}})(\\.[a-z]+)$`);
const ALLOW = { Allow: 'GET, HEAD' };
/** Of 1.7 MB, level 9 takes a quarter of a second once and leaves 8 % more than level 11, which takes four. */
const BROTLI_QUALITY = 9;

const compress: Readonly<Record<Coding, (content: Buffer) => Promise<Buffer>>> = {
  identity: async (content) => content,
  gzip: (content) => promisify<Buffer, object, Buffer>(gzip)(content, { level: 9 }),
  br: (content) =>
    promisify<Buffer, object, Buffer>(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
};

/** Serves the files of a table. None is read before somebody asks for it or for its address; uncompressed, none is kept. */
export function createAssets(table: readonly AssetSource[]): Assets {
  const sources = new Map(table.map((source) => [source.name, source]));
  const versions = new Map<string, Version>();

  const versionOf = async (source: AssetSource): Promise<Version> => {
    const known = versions.get(source.name);
    if (known !== undefined) return known;
    const hash = hashOf(await readFile(placeOf(source)));
    const version = versions.get(source.name) ?? { hash, coded: new Map() };
    versions.set(source.name, version);
    return version;
  };

  /** Reads and encodes; null if the file was replaced since it got its hash, as by an upgrade beside this process. */
  const encode = async (source: AssetSource, { hash }: Version, coding: Coding): Promise<Buffer | null> => {
    const content = await readFile(placeOf(source));
    if (hashOf(content) === hash) return compress[coding](content);
    versions.delete(source.name);
    return null;
  };

  const contentOf = (source: AssetSource, version: Version, coding: Coding): Promise<Buffer | null> => {
    const { coded } = version;
    const kept = coded.get(coding);
    if (kept !== undefined) return kept;
    const coming = encode(source, version, coding);
    if (coding !== 'identity') coded.set(coding, coming);
    coming.catch(() => coded.delete(coding)); // whoever asks next has it read anew
    return coming;
  };

  return {
    async addressOf(name) {
      const source = sources.get(name);
      if (source === undefined)
        throw new Error(`there is no asset "${name}"; there are ${[...sources.keys()].join(', ')}`);
      const { hash } = await versionOf(source);
      const ending = extname(name);
      return `${FOLDER}/${name.slice(0, -ending.length)}.${hash}${ending}`;
    },
    async handle(c) {
      const { method, path } = c.req;
      if (method !== 'GET' && method !== 'HEAD') {
        const detail = `${method} is not allowed for ${path}; allowed are ${ALLOW.Allow}`;
        return refuse(c, { status: 405, detail, headers: ALLOW });
      }
      const [, stem = '', hash = '', ending = ''] = ADDRESSED.exec(path.slice(path.lastIndexOf('/') + 1)) ?? [];
      const source = sources.get(`${stem}${ending}`);
      const missing = () =>
        refuse(c, { status: 404, detail: `there is nothing at ${path}; reload the page that asked for it` });
      if (source === undefined) return missing();
      const version = await versionOf(source);
      if (version.hash !== hash) return missing();
      // Weak, as the same content comes in several codings.
      const etag = `W/"${hash}"`;
      const headers = { 'Cache-Control': CACHE_CONTROL, Vary: 'Accept-Encoding', ETag: etag };
      const conditions = { ifNoneMatch: c.req.header('if-none-match'), ifModifiedSince: undefined };
      if (isUnchanged(conditions, etag, null, 0)) return answerUnchanged(c, headers, null);
      const coding = chooseCoding(c.req.header('accept-encoding'));
      const content = await contentOf(source, version, coding);
      if (content === null) return missing();
      const encoding = coding === 'identity' ? {} : { 'Content-Encoding': coding };
      return answerBytes(c, content, { ...headers, ...encoding, 'Content-Type': TYPES[ending] ?? 'text/plain' });
    },
  };
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, HASH_LENGTH);
}
