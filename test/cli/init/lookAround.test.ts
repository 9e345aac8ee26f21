import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { lookAround } from '../../../src/cli/init/lookAround.ts';
import { withFolder } from '../../config/folder.ts';
import { describe } from '../../describe.ts';

const IMAGES = { 'clean/1.png': '', 'pit/1.JPG': '' };

/** The same files below a folder. */
function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
}

function manyCrops(folder: string): [string, string][] {
  return Array.from({ length: 300 }, (_, index) => [`val/${folder}/${index}.png`, '']);
}

describe('lookAround', (it) => {
  it('finds models and labelled images, near ones first, each by name', async () => {
    const files = {
      ...below('data/cherries/val', IMAGES),
      ...below('data/cherries/train', IMAGES),
      'b.onnx': '',
      'a.ONNX': '',
      'models/c.onnx': '',
      'models/deep/d.onnx': '',
      'models/c.onnx.data': '',
    };
    await withFolder(files, async (dir) => {
      assert.equal(await lookAround(dir), {
        models: ['a.ONNX', 'b.onnx', 'models/c.onnx', 'models/deep/d.onnx'],
        datasets: [{ root: 'data/cherries', split: 'val', folders: ['clean', 'pit'] }],
        isComplete: true,
      });
    });
  });

  it('finds the splits in the folder itself', async () => {
    await withFolder(below('test', IMAGES), async (dir) => {
      assert.equal((await lookAround(dir)).datasets, [{ root: '.', split: 'test', folders: ['clean', 'pit'] }]);
    });
  });

  it('prefers val to validation to test', async () => {
    const files = { ...below('test', IMAGES), ...below('validation', IMAGES) };
    await withFolder(files, async (dir) => {
      assert.is((await lookAround(dir)).datasets[0]?.split, 'validation');
    });
    await withFolder({ ...files, ...below('val', IMAGES) }, async (dir) => {
      assert.is((await lookAround(dir)).datasets[0]?.split, 'val');
    });
  });

  const noDataset: [string, Record<string, string>][] = [
    ['one class folder', { 'val/clean/1.png': '', 'val/1.png': '' }],
    ['class folders without images', { 'val/clean/1.txt': '', 'val/pit/.1.png': '' }],
    ['training images alone', below('train', IMAGES)],
    ['hidden folders', below('.cache/val', IMAGES)],
    ['packages', below('node_modules/val', IMAGES)],
    ['folders too far below', below('1/2/3/4/val', IMAGES)],
  ];
  for (const [name, files] of noDataset) {
    it(`takes ${name} for no dataset`, async () => {
      await withFolder(files, async (dir) => {
        assert.equal((await lookAround(dir)).datasets, []);
      });
    });
  }

  it('looks three levels below and no further', async () => {
    await withFolder({ '1/2/3/in.onnx': '', '1/2/3/4/out.onnx': '' }, async (dir) => {
      assert.equal((await lookAround(dir)).models, ['1/2/3/in.onnx']);
    });
  });

  it('follows no links, and takes no folder for a model', async () => {
    await withFolder({ ...below('real/val', IMAGES), 'real/m.onnx': '' }, async (dir) => {
      await mkdir(join(dir, 'line', 'folder.onnx'), { recursive: true });
      await symlink(join(dir, 'real'), join(dir, 'line', 'data'));
      await symlink(join(dir, 'real', 'm.onnx'), join(dir, 'line', 'm.onnx'));
      await symlink(join(dir, 'line'), join(dir, 'line', 'circle'));
      assert.equal(await lookAround(join(dir, 'line')), { models: [], datasets: [], isComplete: true });
    });
  });

  it('passes by what can be opened and not read', async () => {
    // On Linux /proc/1/map_files is such a folder, where /proc/1 can be entered at all.
    assert.equal((await lookAround('/proc/1')).datasets, []);
  });

  it('ends after so many names, says so, and keeps what it found', async () => {
    const crops = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`zz/crop-${index}.png`, '']));
    await withFolder({ 'a.onnx': '', ...crops, 'zz/deep/late.onnx': '' }, async (dir) => {
      assert.equal(await lookAround(dir, 20), { models: ['a.onnx'], datasets: [], isComplete: false });
      assert.equal((await lookAround(dir, 100)).models, ['a.onnx', 'zz/deep/late.onnx']);
    });
  });

  it('does not spend its names on the crops of a dataset', async () => {
    const files = Object.fromEntries([...manyCrops('clean'), ...manyCrops('pit'), ['zz/late.onnx', '']]);
    await withFolder(files, async (dir) => {
      const found = await lookAround(dir, 250);
      assert.equal(found.models, ['zz/late.onnx']);
      assert.is(found.datasets.length, 1);
      assert.ok(found.isComplete);
    });
  });
});
