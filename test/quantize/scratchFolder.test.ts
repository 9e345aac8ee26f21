import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as assert from 'uvu/assert';
import { withScratchFolder } from '../../src/quantize/scratchFolder.ts';
import { describe } from '../describe.ts';
import { leavingNothing } from './leavingNothing.ts';

describe('withScratchFolder', (it) => {
  it('is for this user alone, and gone afterwards', async () => {
    await leavingNothing(async () => {
      const folder = await withScratchFolder(async (made) => {
        assert.is((await stat(made)).mode & 0o777, 0o700);
        await writeFile(join(made, 'model.onnx'), 'bytes');
        return made;
      });
      assert.match(folder, /beltbench-/);
    });
  });

  it('removes what a process left that was killed, and nothing of a live one', async () => {
    await leavingNothing(async () => {
      const dead = spawnSync(process.execPath, ['--eval', '0']).pid;
      await withScratchFolder(async (live) => {
        const left = join(tmpdir(), basename(live).replace(`-${process.pid}-`, `-${dead}-`));
        await mkdir(left);
        await writeFile(join(left, 'tapped.onnx'), 'half a model');
        await mkdir(join(tmpdir(), 'beltbench-of-somebody-else'));
        await withScratchFolder(() => Promise.resolve());
        assert.equal((await readdir(tmpdir())).toSorted(), [basename(live), 'beltbench-of-somebody-else'].toSorted());
        await rm(join(tmpdir(), 'beltbench-of-somebody-else'), { recursive: true });
      });
    });
  });
});
