import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { temporaryName } from '../../src/store/leftovers.ts';
import { withLock } from '../../src/store/lockFile.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir } from './records.ts';

const DONE = async () => await Promise.resolve('done');

describe('withLock', (it) => {
  it('lets one at a time in, and leaves nothing', async () => {
    await inTempDir(async (dir) => {
      let inside = 0;
      let most = 0;
      const enter = async () =>
        await withLock(join(dir, 'lock'), 10_000, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await sleep(5);
          inside -= 1;
          return 'done';
        });
      assert.equal(await Promise.all([enter(), enter(), enter()]), ['done', 'done', 'done']);
      assert.is(most, 1);
      assert.equal(await readdir(dir), []);
    });
  });

  it('gives up after its time while a live process holds it', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'lock'), temporaryName());
      assert.is(await withLock(join(dir, 'lock'), 50, DONE), undefined);
      assert.equal(await readdir(dir), ['lock']);
    });
  });

  it('takes over from a process that died', async () => {
    await inTempDir(async (dir) => {
      const child = spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' });
      await once(child, 'exit');
      await writeFile(join(dir, 'lock'), temporaryName().replace(`-${process.pid}-`, `-${child.pid}-`));
      // And one that was killed while it took the lock over left this.
      await writeFile(join(dir, temporaryName().replace(`-${process.pid}-`, `-${child.pid}-`)), '');
      assert.is(await withLock(join(dir, 'lock'), 1000, DONE), 'done');
      assert.equal(await readdir(dir), []);
    });
  });

  it('takes over from another machine only when it has been silent for minutes', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'lock'), `.tmp-00000000-${process.pid}-${'0'.repeat(12)}`);
      assert.is(await withLock(join(dir, 'lock'), 50, DONE), undefined);
      const longAgo = new Date(Date.now() - 3 * 60_000);
      await utimes(join(dir, 'lock'), longAgo, longAgo);
      assert.is(await withLock(join(dir, 'lock'), 1000, DONE), 'done');
    });
  });

  it('is free again after its holder threw', async () => {
    await inTempDir(async (dir) => {
      const thrown = await withLock(join(dir, 'lock'), 0, async () => await Promise.reject(new Error('oh'))).catch(
        String,
      );
      assert.is(thrown, 'Error: oh');
      assert.is(await withLock(join(dir, 'lock'), 1000, DONE), 'done');
    });
  });

  it('says that a folder cannot be written to', async () => {
    await inTempDir(async (dir) => {
      await rejects(async () => await withLock(join(dir, 'missing', 'lock'), 0, DONE), /cannot be written/);
    });
  });
});
