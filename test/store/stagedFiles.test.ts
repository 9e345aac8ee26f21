import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { temporaryName } from '../../src/store/leftovers.ts';
import { withStage } from '../../src/store/stagedFiles.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { inTempDir } from './records.ts';

describe('withStage', (it) => {
  it('puts files in their places, over those that stood there, and leaves nothing else', async () => {
    await inTempDir(async (dir) => {
      const folder = join(dir, 'new', 'folder');
      const answer = await withStage(folder, async (stage) => {
        await stage.writeText('card', 'new');
        await writeFile(stage.path('model'), 'bytes');
        assert.equal((await readdir(folder)).length, 1, 'only the stage, until it is placed');
        await stage.place('card', join(folder, 'a.yaml'));
        await stage.place('model', join(folder, 'a.onnx'));
        return 7;
      });
      assert.is(answer, 7);
      assert.equal((await readdir(folder)).toSorted(), ['a.onnx', 'a.yaml']);
      assert.is(await readFile(join(folder, 'a.yaml'), 'utf8'), 'new');
    });
  });

  it('leaves nothing of work that fails, and passes its error on', async () => {
    await inTempDir(async (dir) => {
      let thrown: unknown;
      await withStage(dir, async (stage) => {
        await stage.writeText('card', 'half');
        throw new Error('no fusion');
      }).catch((error: unknown) => {
        thrown = error;
      });
      assert.ok(thrown instanceof Error && thrown.message === 'no fusion');
      assert.equal(await readdir(dir), []);
    });
  });

  it('removes what a killed process left', async () => {
    await inTempDir(async (dir) => {
      const dead = spawnSync(process.execPath, ['--eval', '0']).pid;
      const left = temporaryName().replace(`-${process.pid}-`, `-${dead}-`);
      await mkdir(join(dir, left));
      await writeFile(join(dir, left, 'model.onnx'), 'half a model');
      await withStage(dir, () => Promise.resolve());
      assert.equal(await readdir(dir), []);
    });
  });

  it('says where nothing can be written', async () => {
    await inTempDir(async (dir) => {
      await writeFile(join(dir, 'in-the-way'), '');
      await rejects(
        () => withStage(join(dir, 'in-the-way'), () => Promise.resolve()),
        /in-the-way cannot be written: .*nothing half-written is left: .*another --out/,
      );
      await rejects(
        () =>
          withStage(dir, async (stage) => {
            await stage.writeText('card', 'new');
            await mkdir(join(dir, 'taken', 'full'), { recursive: true });
            await stage.place('card', join(dir, 'taken'));
          }),
        /taken cannot be written/,
      );
      assert.equal((await readdir(dir)).toSorted(), ['in-the-way', 'taken']);
    });
  });
});
