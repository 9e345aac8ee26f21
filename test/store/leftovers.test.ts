import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { removeLeftovers, temporaryName } from '../../src/store/leftovers.ts';
import { describe } from '../describe.ts';
import { inTempDir } from './records.ts';

/** A folder that is being written, by the process `pid` of the machine that `machine` stands for. */
async function addTemporary(dir: string, pid: number, machine?: string): Promise<string> {
  const [, here, , random] = /^\.tmp-(.*)-(.*)-(.*)$/.exec(temporaryName()) ?? [];
  const name = `.tmp-${machine ?? here}-${pid}-${random}`;
  await mkdir(join(dir, name));
  await writeFile(join(dir, name, 'samples.json'), '[1,');
  return name;
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('removeLeftovers', (it) => {
  it('removes what a dead process left', async () => {
    await inTempDir(async (dir) => {
      await addTemporary(dir, await deadPid());
      await removeLeftovers(dir);
      assert.equal(await readdir(dir), []);
    });
  });

  it('leaves what this or another live process is writing', async () => {
    await inTempDir(async (dir) => {
      const other = spawn(process.execPath, ['--eval', 'setTimeout(() => 0, 60000)'], { stdio: 'ignore' });
      const names = [await addTemporary(dir, process.pid), await addTemporary(dir, other.pid ?? 0)];
      await removeLeftovers(dir);
      assert.equal((await readdir(dir)).toSorted(), names.toSorted());
      other.kill('SIGKILL');
      await once(other, 'exit');
      await removeLeftovers(dir);
      assert.equal(await readdir(dir), names.slice(0, 1));
    });
  });

  it('leaves another machine’s for a day', async () => {
    await inTempDir(async (dir) => {
      const name = await addTemporary(dir, await deadPid(), '00000000');
      await removeLeftovers(dir);
      assert.equal(await readdir(dir), [name]);
      const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
      await utimes(join(dir, name), longAgo, longAgo);
      await removeLeftovers(dir);
      assert.equal(await readdir(dir), []);
    });
  });

  it('touches nothing else', async () => {
    await inTempDir(async (dir) => {
      const others = ['.partial', '.tmp-notes', '.tmp-1-2-3', 'latency-a'];
      for (const name of others) {
        await mkdir(join(dir, name));
      }
      await removeLeftovers(dir);
      assert.equal((await readdir(dir)).toSorted(), others.toSorted());
      await removeLeftovers(join(dir, 'not there'));
    });
  });
});

describe('temporaryName', (it) => {
  it('is hidden, plain and never the same', () => {
    const names = Array.from({ length: 100 }, temporaryName);
    assert.is(new Set(names).size, 100);
    assert.ok(names.every((name) => /^\.tmp-[0-9a-f-]+$/.test(name)));
  });
});
