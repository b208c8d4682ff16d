import type { Database } from 'better-sqlite3';
import { NO_FINDINGS } from '../../src/domain/model/markers.js';
import { begin, commit, configure, end, type IndexUnderTest, listing, syncOnce } from '../contract/index-under-test.js';

/** Texts that quoting, arrays, JSON or an encoding could spoil. */
export const ODD_TEXTS = [
  `'"\\ {},(NULL) $1 %s`,
  'null',
  '',
  ' \t\r\n ',
  'ä\u0308\u{1f4a5}\ufeff\u202e',
  '{"a":[1]}',
  '\\x00 \\u0000',
  'x'.repeat(3_000),
];

/**
 * Fills an index: spaces, one of them in trouble, one departed and one forgotten, with images, tombstones, syncs, and whatever
 * else an index may have; each column has a value somewhere, texts are odd ones, and numbers are large.
 */
export async function fillOddly(index: IndexUnderTest, db: Database): Promise<void> {
  await configure(index, 'ab', 'kim', 'ö,"x"', 'Zoe');
  await syncOnce(
    index,
    'ab',
    listing('', ['gone.ova', 'one.ova', 'two.ova'], ['lab']),
    listing('lab', ['lab/x.ova', 'lab/y.ovf']),
  );
  index.clock.now += 60_000;
  await syncOnce(index, 'ab', listing('', ['one.ova', 'two.ova'], ['lab']), listing('lab', ['lab/y.ovf']));
  await syncOnce(index, 'kim', listing('', ['a%.ova', 'a_.ova', 'A.ova', 'ß.ova', '\u{1f4a5}.ova']));
  const { lease } = await begin(index, 'ö,"x"', { mode: 'incremental' });
  await commit(index, lease, listing('', ['p.ova']));
  await end(index, lease, { status: 'ERROR', errors: ODD_TEXTS, warnings: ODD_TEXTS, findings: NO_FINDINGS });
  await begin(index, 'kim', { owner: ODD_TEXTS[0] ?? '' });
  await configure(index, 'ab', 'kim', 'ö,"x"');
  const odd = db.transaction(() => {
    for (const sql of ODD_SQL) db.exec(sql);
    for (const [n, text] of ODD_TEXTS.entries()) for (const sql of TEXT_SQL) db.prepare(sql).run({ n: n + 1, text });
    db.exec(`INSERT INTO tokens (id, user, hash, scopes, created_at) VALUES (${GONE_TOKEN}, 'x', '${'f'.repeat(64)}', '[]', 1);
      DELETE FROM tokens WHERE id = ${GONE_TOKEN}`);
  });
  odd();
}

/** The last token that was made; it is gone, and its id must not be given again. */
export const GONE_TOKEN = 700;

const MAX = Number.MAX_SAFE_INTEGER;

const ODD_SQL = [
  `UPDATE spaces SET revision = ${MAX}, changed_at = 1, forgotten_in = 7, described_images = 1, waiting_images = 2,
     incomplete_images = 3, broken_images = 4, read_bytes = ${MAX}, image_bytes = 5, bytes_revision = 6, has_unread = 0,
     last_success_at = -1, trouble_kind = 'failed', trouble_message = 'x', trouble_at = 8, is_trouble_of_hint = 1,
     refusals = 9, retry_at = 10, held_removals = 11, is_removal_accepted = 1, is_removal_refused = 1, due_at = 12,
     full_due_at = 13, poll_due_at = 14, names_evidence = 'seen', subtree_evidence = 'refuted', names_proofs = 15,
     subtree_proofs = 16, search_proofs = 17, mismatches = 18, search_misses = 19, searched_marker = 'm', is_relocated = 1,
     is_restored = 1, left_off = '{ "a" :1.50}', unchanged_requests = 20, rate_changes = 0.1, rate_span_ms = 1e300,
     look_cost = 1.0000000000000002, left_at = coalesce(left_at, 21) WHERE id = 1`,
  `UPDATE collections SET modified_at = 1, listed_at = 2, is_settled = 1, is_proven = 1, is_mount = 1, is_joined = 1,
     is_contradicted = 1, empty_in_sync = 3, listed_in_sync = 4, absent_in_sync = 5, absent_in_full = 6,
     to_visit = '["a\\u0001"]', siblings = '{"b":1, "a":2}' WHERE id = 1`,
  `UPDATE images SET size_bytes = ${MAX}, state = 1, cpus = 2, memory_mib = 3, disk_count = 4, is_settled = 0,
     capacity_bytes = 64e9, family = 'linux' WHERE id = 2`,
  `UPDATE images SET state = 4, capacity_bytes = '98765432109876543210', modified_at = NULL, size_bytes = NULL WHERE id = 3`,
  `UPDATE images SET state = 1, capacity_bytes = 0, absent_in_sync = 1, absent_in_full = 2, absent_since = 3 WHERE id = 5`,
  `INSERT INTO descriptions SELECT id, space, 1, 2, ${MAX}, 3, '{"state":"ok","x":[null,1e3,"\\u00e9"]}' FROM images`,
  `UPDATE syncs SET requested_by = 'kim', expected = 1, waiting = 2, resumed_at = ${MAX}, joined_at = 3, joined_by = 'lea',
     requests = ${MAX} WHERE id = 1`,
  // The one that the schema begins has no end.
  'DELETE FROM runs',
  `INSERT INTO runs (number, key, began_at, ended_at) VALUES (3, 'abc', 1, 2), (9, 'def', 3, 4)`,
  `INSERT INTO hours VALUES (1, 2, 3, 4, 5, NULL, NULL, NULL), (2, 0, 0, 0, 0, 6, 7, ${MAX})`,
  `UPDATE webhook_messages SET begun = 41`,
];

/** For each of the odd texts, with its number. */
const TEXT_SQL = [
  `UPDATE spaces SET url = 'http://dav.test/' || :text, lease_owner = iif(lease_owner IS NULL, NULL, :text), rules = :text,
     search_trouble = :text, fingerprint = :text WHERE id = :n`,
  `UPDATE images SET etag = :text, product = :text, version = :text, os = :text WHERE id = :n`,
  `UPDATE collections SET marker = :text WHERE id = :n`,
  `INSERT INTO tokens (user, hash, scopes, name, created_at, expires_at, used_at, disabled_at, revoked_at, log_in_space)
     VALUES (:text, substr('${'0'.repeat(64)}' || :n, -64), json_array(:text), :text, 1, 2, 3, 4, 5, 1)`,
  `INSERT INTO links VALUES (:text, :text, :text, :text, cast(:text || x'00ff80' AS BLOB), 'browser', :n)`,
  `INSERT INTO webhooks VALUES (:text, iif(:n = 1, NULL, json_array(:text)), :text, :n)`,
  `INSERT INTO webhook_places SELECT :text, id, ${MAX}, iif(id = 1, NULL, 1), 2, 3, 'held', 4, json_array(:text), 'waiting', 5, 6, 7,
     :text FROM spaces`,
];
