import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CopyOptions } from '../../../src/app/copy/copy-index.js';
import { INDEX_TABLES } from '../../../src/domain/copy/index-tables.js';
import type { CopyTarget } from '../../../src/domain/ports/index-copy.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { lockDirectory } from '../../../src/sqlite/file/directory-lock.js';
import { configure } from '../../contract/index-under-test.js';
import { createCleanup } from '../../support/cleanup.js';
import { fillOddly } from '../../support/odd-index.js';
import { type CopyScene, contentOfFile, makeCopyScene, ROWS_AT_ONCE } from '../copy-scene.js';
import { MIGRATIONS } from '../index-ports.js';

/** Some hundred transactions, which a busy machine takes long for. */
const STEPS_WITHIN_MS = 120_000;

describe('a copy of an index that is broken off', () => {
  const cleanup = createCleanup();
  let scene: CopyScene;
  beforeEach(async () => {
    scene = await makeCopyScene(cleanup);
    await fillOddly(scene.index, scene.index.db);
  });
  afterEach(cleanup.run);

  /** Expects that the copy is as the file, by copying it back. */
  const expectSame = async () => {
    const file = scene.newFile();
    await scene.copyBack(file);
    expect(contentOfFile(file)).toEqual(scene.content());
  };
  /** Breaks a copy off as soon as it has done such a step. */
  const breakOff = async (isEnough: (phase: string, table: string) => boolean) => {
    const controller = new AbortController();
    const onProgress: CopyOptions['onProgress'] = ({ phase, table }) => {
      if (isEnough(phase, table)) controller.abort();
    };
    await expect(scene.copyThere({ signal: controller.signal, onProgress })).rejects.toMatchObject({
      name: 'AbortError',
    });
  };

  it('goes on where it was, in either direction and after each step', { timeout: STEPS_WITHIN_MS }, async () => {
    const file = scene.newFile();
    // On the way back there is one run more.
    const tables = INDEX_TABLES.filter(({ name }) => name !== 'runs');
    const steps = tables.flatMap(({ name }) =>
      Array<string>(Math.floor((scene.counts()[name] ?? 0) / ROWS_AT_ONCE) + 1).fill(name),
    );
    for (const copy of [scene.copyThere, (options: CopyOptions) => scene.copyBack(file, options)]) {
      const put: string[] = [];
      for (let isDone = false; !isDone; ) {
        const controller = new AbortController();
        const onProgress: CopyOptions['onProgress'] = ({ phase, table }) => {
          if (phase === 'put' && table !== 'runs') put.push(table);
          if (phase !== 'compare') controller.abort();
        };
        isDone = await copy({ onProgress, signal: controller.signal }).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ name: 'AbortError' });
            return false;
          },
        );
      }
      expect(put).toEqual(steps);
    }
    expect(contentOfFile(file)).toEqual(scene.content());
  });

  it('goes on when the process ended behind a step', async () => {
    let runs = 0;
    for (let isDone = false; !isDone; runs++) {
      const target = scene.target();
      let moves = 0;
      const dying: CopyTarget = {
        ...target,
        async move(from, to, changes) {
          await target.move(from, to, changes);
          if (++moves === 4) throw new Error('killed');
        },
      };
      isDone = await scene.copyThere({}, dying).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'killed' });
          return false;
        },
      );
    }
    expect(runs).toBeGreaterThan(5);
    await expectSame();
  });

  it('takes in what has changed since', async () => {
    await breakOff((phase) => phase === 'compare');
    scene.index.db.exec(
      "DELETE FROM descriptions WHERE image = 2; UPDATE images SET etag = 'new' WHERE id = 1; DELETE FROM hours",
    );
    await configure(scene.index, 'ab', 'nina');
    expect(await scene.copyThere()).toMatchObject({ rows: scene.counts(), isFinished: true });
    await expectSame();
  });

  it('finds a row that has changed since where nothing tells', async () => {
    await breakOff((phase, table) => phase === 'put' && table === 'syncs');
    await scene.postgres.run("UPDATE images SET etag = 'spoilt' WHERE id = 1");
    await scene.postgres.run('DELETE FROM descriptions WHERE image = 1');
    expect(await scene.copyThere()).toMatchObject({ isResumed: true, isFinished: true });
    await expectSame();
  });

  it('is not finished while a daemon may write to the source, and then only what differs is written', async () => {
    const daemon = lockDirectory(dirname(scene.index.file));
    expect(await scene.copyThere()).toMatchObject({ isFinished: false });
    await expect(migrate(scene.postgres, MIGRATIONS)).rejects.toMatchObject({ code: 'conflict' });
    scene.index.db.exec('UPDATE spaces SET revision = 1 WHERE id = 1; UPDATE images SET cpus = 5 WHERE id = 2');
    daemon.release();
    const target = scene.target();
    const put: unknown[] = [];
    const watched: CopyTarget = {
      ...target,
      move(from, to, changes) {
        for (const row of changes?.put ?? []) put.push([from.table, row[0]]);
        return target.move(from, to, changes);
      },
    };
    expect(await scene.copyThere({}, watched)).toMatchObject({ isFinished: true });
    expect(put).toEqual([
      ['spaces', 1],
      ['images', 2],
    ]);
    await expect(migrate(scene.postgres, MIGRATIONS)).resolves.toBeUndefined();
  });

  it('is refused while another one goes on in the same place', async () => {
    const target = scene.target();
    let isOther = false;
    const raced: CopyTarget = {
      ...target,
      async move(from, to, changes) {
        if (!isOther) {
          isOther = true;
          await scene.target().move(from, to, changes);
        }
        return await target.move(from, to, changes);
      },
    };
    await expect(scene.copyThere({}, raced)).rejects.toMatchObject({ code: 'conflict' });
    await scene.copyThere();
    await expectSame();
  });

  it('keeps writers out of a file that no daemon has, but no readers', async () => {
    const source = scene.source();
    const { db, file } = scene.index;
    db.pragma('busy_timeout = 0');
    expect(() => db.exec('DELETE FROM hours')).toThrow('locked');
    expect(db.prepare('SELECT count(*) FROM hours').pluck().get()).toBeGreaterThan(1);
    expect(() => lockDirectory(dirname(file))).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(await source.isInUse()).toBe(false);
    await source.close();
    db.exec('DELETE FROM hours');
  });
});
