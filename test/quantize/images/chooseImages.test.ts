import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { chooseImages, type ChosenImages, type ImageChoice } from '../../../src/quantize/images/chooseImages.ts';
import {
  imagesBeside,
  imagesInside,
  imagesIn,
  imagesOfSplit,
  mergeEvaluationImages,
} from '../../../src/quantize/images/evaluationImages.ts';
import { AS_IS, inTempDir, noisePng, writeFiles } from '../../datasets/fixtures.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';

const SIZE = { height: 6, width: 6 };
const NONE = { folders: [], images: [] };

/** `count` different images, `train/fine/0.png` and so on. */
async function writeImages(dir: string, folder: string, count: number, firstSeed = 1): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await writeFiles(dir, { [`${folder}/${index}.png`]: await noisePng(6, 6, firstSeed + index) });
  }
}

async function choose(dir: string, changes: Partial<ImageChoice> = {}): Promise<ChosenImages> {
  return await chooseImages({
    folder: join(dir, 'train'),
    count: 10,
    seed: 1,
    judged: NONE,
    preprocessing: AS_IS,
    inputSize: SIZE,
    ...changes,
  });
}

const pathsOf = ({ record }: ChosenImages): string[] => record.images.map(({ path }) => path);

describe('chooseImages', (it) => {
  it('draws by the seed, and as many of each class as there are', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train/fine', 20, 1);
      await writeImages(dir, 'train/flawed', 3, 100);
      const chosen = await choose(dir);
      assert.is(chosen.images.length, 10);
      assert.is(pathsOf(chosen).filter((path) => path.startsWith('flawed/')).length, 3);
      assert.equal(pathsOf(await choose(dir)), pathsOf(chosen), 'the same seed, the same images');
      assert.not.equal(pathsOf(await choose(dir, { seed: 2 })), pathsOf(chosen));
      assert.equal(pathsOf(chosen), pathsOf(chosen).toSorted());
    });
  });

  it('takes a flat folder, and all of it where there are fewer than asked for', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train', 9);
      const { record, images } = await choose(dir, { count: 200 });
      assert.is(images.length, 9);
      assert.is(record.requested, 200);
    });
  });

  it('says which bytes were taken, with a digest that does not depend on names', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train', 8);
      await writeImages(dir, 'other/below', 8);
      const [one, other] = [await choose(dir), await choose(dir, { folder: join(dir, 'other') })];
      const hashes = one.record.images.map(({ content_hash: hash }) => hash);
      assert.is(
        hashes[0],
        createHash('sha256')
          .update(await noisePng(6, 6, 1))
          .digest('hex'),
      );
      const lines = hashes.toSorted().map((hash) => `${hash}\n`);
      assert.is(one.record.sha256, createHash('sha256').update(lines.join('')).digest('hex'));
      assert.is(other.record.sha256, one.record.sha256);
    });
  });

  it('leaves out, and names, every image that a model is judged on, whatever its name', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train/fine', 12, 1);
      await writeFiles(dir, {
        'val/fine/copy.png': await noisePng(6, 6, 3),
        'val/flawed/mislabelled.png': await noisePng(6, 6, 3),
        'val/fine/other.png': await noisePng(6, 6, 500),
      });
      const judged = await imagesOfSplit(dir, 'val', { fine: 'fine', flawed: 'flawed' });
      const { record, images } = await choose(dir, { count: 100, judged });
      assert.is(images.length, 11);
      assert.equal(
        record.left_out.map(({ path, also_at: alsoAt }) => ({ path, alsoAt })),
        [{ path: 'fine/2.png', alsoAt: ['val/fine/copy.png', 'val/flawed/mislabelled.png'] }],
      );
      assert.not.ok(pathsOf({ record, images }).includes('fine/2.png'));
      assert.equal(record.evaluation_folders, [join(dir, 'val')]);
    });
  });

  it('takes each content once', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train/fine', 8, 1);
      await writeImages(dir, 'train/copies', 8, 1);
      assert.is((await choose(dir, { count: 16 })).images.length, 8);
    });
  });

  it('replaces an image that cannot be used, and names it', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train', 9);
      await writeFiles(dir, { 'train/broken.png': 'no image' });
      const { record, images } = await choose(dir);
      assert.is(images.length, 9);
      assert.equal(
        record.unusable.map(({ path }) => path),
        ['broken.png'],
      );
    });
  });

  it('refuses what is no folder, a folder without images, and too few of them', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'train/notes.txt': 'none' });
      await rejects(
        () => choose(dir, { folder: join(dir, 'trian') }),
        /--calibration must be a folder .*trian, which is none/,
      );
      await rejects(() => choose(dir), /train of --calibration must hold images .*only 1 other file; name the folder/);
      await writeImages(dir, 'train', 7);
      await rejects(() => choose(dir), /at least 8 different images .* of the 7 in .*train 7 are; name the folder/);
    });
  });

  it('says that all images are left out because models are judged on them', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train', 10);
      await rejects(
        async () => choose(dir, { judged: await imagesIn(join(dir, 'train')) }),
        /of the 10 in .* 0 are \(10 also stand in .*train, where models are judged\)/,
      );
    });
  });

  it('refuses images of another size where the card says that nothing is resized', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'train', 10);
      await rejects(() => choose(dir, { inputSize: { height: 8, width: 8 } }), /6 x 6 .* takes 8 x 8 .*resize: none/);
      const stretched = { ...AS_IS, resize: 'stretch' as const };
      const { images } = await choose(dir, { inputSize: { height: 8, width: 8 }, preprocessing: stretched });
      assert.is(images.length, 10);
    });
  });
});

describe('imagesBeside', (it) => {
  it('finds the folders beside the calibration images that are named for judging', async () => {
    await inTempDir(async (dir) => {
      for (const name of ['train', 'val', 'test_2024', 'Validation', 'validate_me', 'valley', 'calib']) {
        await writeFiles(dir, { [`${name}/fine/1.png`]: await noisePng(6, 6) });
      }
      const { folders, images } = await imagesBeside(join(dir, 'train'));
      assert.equal(
        folders.toSorted(),
        ['Validation', 'test_2024', 'val'].map((name) => join(dir, name)),
      );
      assert.equal(images.map(({ id }) => id).toSorted(), [
        'Validation/fine/1.png',
        'test_2024/fine/1.png',
        'val/fine/1.png',
      ]);
    });
  });

  it('does not take the calibration folder itself, also when it is named so', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/fine/1.png': await noisePng(6, 6) });
      assert.equal(await imagesBeside(`${join(dir, 'val')}/`), NONE);
    });
  });
});

describe('imagesInside', (it) => {
  it('finds the folders within the calibration folder that are named for judging, and what lies in them', async () => {
    await inTempDir(async (dir) => {
      for (const name of ['train/fine', 'val/fine', 'more/test/fine', 'valley', 'more/valid']) {
        await writeFiles(dir, { [`data/${name}/1.png`]: await noisePng(6, 6) });
      }
      const { folders, images } = await imagesInside(join(dir, 'data'), ['fine', 'valid']);
      assert.equal(folders, [join(dir, 'data', 'more', 'test'), join(dir, 'data', 'val')]);
      assert.equal(images.map(({ id }) => id).toSorted(), ['more/test/fine/1.png', 'val/fine/1.png']);
    });
  });

  it('has none of a flat folder, whatever its own name', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'val/1.png': await noisePng(6, 6) });
      assert.equal(await imagesInside(join(dir, 'val'), []), NONE);
      assert.equal(await imagesInside(join(dir, 'nowhere'), []), NONE);
    });
  });
});

describe('mergeEvaluationImages', (it) => {
  it('keeps an image once that two places list', async () => {
    await inTempDir(async (dir) => {
      await writeImages(dir, 'val/fine', 3);
      await writeImages(dir, 'train/fine', 1, 50);
      const split = await imagesOfSplit(dir, 'val', { fine: 'fine' });
      const merged = mergeEvaluationImages([split, await imagesBeside(join(dir, 'train'))]);
      assert.is(merged.images.length, 3);
      assert.equal(merged.folders, [join(dir, 'val')]);
    });
  });

  it('has none of a split that is not on this machine', async () => {
    assert.equal(await imagesOfSplit('/nowhere', 'val', { fine: 'fine' }), NONE);
  });
});
