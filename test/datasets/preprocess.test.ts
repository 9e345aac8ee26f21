import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { preprocess } from '../../src/datasets/preprocess.ts';
import { MAX_IMAGE_BYTES, readImage } from '../../src/datasets/readImage.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { AS_IS, inTempDir, noise, noisePng, writeFiles } from './fixtures.ts';

describe('preprocess', (it) => {
  it('turns a file into its tensor and tells the hash of its bytes', async () => {
    await inTempDir(async (dir) => {
      const png = await noisePng(4, 4);
      await writeFiles(dir, { 'a.png': png });
      const { tensor, contentHash } = await preprocess(join(dir, 'a.png'), AS_IS, { height: 4, width: 4 });
      const { data } = noise(4, 4);
      const expected = [0, 1, 2].flatMap((channel) =>
        Array.from({ length: 16 }, (_, pixel) => Math.fround((data[pixel * 3 + channel] ?? 0) / 255)),
      );
      assert.equal([...tensor], expected);
      assert.is(contentHash, createHash('sha256').update(png).digest('hex'));
    });
  });

  it('resizes by the rule of the card', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'a.png': await noisePng(9, 7) });
      const spec = { ...AS_IS, resize: 'stretch' } as const;
      const { tensor } = await preprocess(join(dir, 'a.png'), spec, { height: 4, width: 5 });
      assert.is(tensor.length, 3 * 4 * 5);
    });
  });
});

describe('readImage', (it) => {
  it('refuses a missing file and a folder in one line', async () => {
    await inTempDir(async (dir) => {
      await rejects(() => readImage(join(dir, 'none.png')), /none\.png cannot be used .*ENOENT/);
      await rejects(() => readImage(dir), /cannot be used as an image/);
    });
  });

  it('refuses a file above the limit, and says its size', async () => {
    await inTempDir(async (dir) => {
      await writeFiles(dir, { 'a.png': 'x' });
      await truncate(join(dir, 'a.png'), MAX_IMAGE_BYTES + 1);
      await rejects(() => readImage(join(dir, 'a.png')), /67108865 bytes, and at most 67108864 are read/);
    });
  });
});
