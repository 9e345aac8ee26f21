import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { pickInputs, spreadIterations, type InputImage } from '../../src/measure/inputs.ts';
import { describe } from '../describe.ts';
import { inTempDir, noisePng, writeFiles } from '../datasets/fixtures.ts';
import { rejects } from '../throws.ts';

/** `count` small PNGs; the paths that `broken` names hold half of one. */
async function withImages(
  count: number,
  broken: readonly number[],
  use: (images: InputImage[]) => Promise<void>,
): Promise<void> {
  await inTempDir(async (dir) => {
    const images: InputImage[] = [];
    for (let index = 0; index < count; index += 1) {
      const whole = await noisePng(6, 6, index + 1);
      const bytes = broken.includes(index) ? whole.subarray(0, whole.length / 2) : whole;
      await writeFiles(dir, { [`${index}.png`]: bytes });
      const contentHash = createHash('sha256').update(bytes).digest('hex');
      images.push({ path: join(dir, `${index}.png`), contentHash });
    }
    await use(images);
  });
}

describe('pickInputs', (it) => {
  it('picks the same 32 different images for the same seed', async () => {
    await withImages(50, [], async (images) => {
      const picked = await pickInputs(images, 7);
      assert.is(picked.paths.length, 32);
      assert.is(new Set(picked.paths).size, 32);
      assert.equal(await pickInputs(images, 7), picked);
    });
  });

  it('picks others for another seed, and says so in the hash', async () => {
    await withImages(50, [], async (images) => {
      const [one, two] = [await pickInputs(images, 1), await pickInputs(images, 2)];
      assert.not.equal(one.paths, two.paths);
      assert.is.not(one.sha256, two.sha256);
    });
  });

  it('hashes the contents in the order in which they are fed', async () => {
    await withImages(3, [], async (images) => {
      const { paths, sha256 } = await pickInputs(images, 1);
      const hashes = paths.map((path) => images.find((image) => image.path === path)?.contentHash ?? '');
      assert.is(
        sha256,
        createHash('sha256')
          .update(`${hashes.join('\n')}\n`)
          .digest('hex'),
      );
    });
  });

  it('takes all of fewer images', async () => {
    await withImages(2, [], async (images) => {
      const { paths } = await pickInputs(images, 1);
      assert.equal(paths.toSorted(), images.map(({ path }) => path).toSorted());
    });
  });

  it('passes over an image that an audit of headers cannot find broken', async () => {
    await withImages(4, [1, 2], async (images) => {
      const { paths } = await pickInputs(images, 1);
      assert.equal(new Set(paths), new Set([images[0]?.path, images[3]?.path]));
    });
  });

  it('refuses a split without one usable image', async () => {
    await withImages(2, [0, 1], async (images) => {
      await rejects(() => pickInputs(images, 1), /at least one image to feed, and none of 2 can be decoded; repair/);
      await rejects(() => pickInputs([], 1), /none of 0 can be decoded/);
    });
  });
});

describe('spreadIterations', (it) => {
  it('shares the iterations out, none lost', () => {
    assert.equal(spreadIterations(1000, 10), Array<number>(10).fill(100));
    assert.equal(spreadIterations(10, 3), [3, 3, 4]);
    for (const [iterations, rounds] of [
      [1, 1],
      [299, 10],
      [997, 13],
      [1_000_000, 7],
    ] as const) {
      const spread = spreadIterations(iterations, rounds);
      assert.is(spread.length, rounds);
      assert.is(
        spread.reduce((sum, count) => sum + count, 0),
        iterations,
      );
      assert.ok(Math.max(...spread) - Math.min(...spread) <= 1);
    }
  });

  it('makes no round without a sample', () => {
    assert.equal(spreadIterations(3, 10), [1, 1, 1]);
  });
});
